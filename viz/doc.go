// Package viz says what a technique is: a value that names itself, says what
// it needs, describes its parameters and computes a figure. The command line,
// the HTTP routes, the forms of the web app, the help, the docs pages and the
// conformance tests are all derived from that value, so a technique is added
// by its own folder and one line in package all.
package viz
