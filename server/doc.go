// Package server is Tomo's web app behind HTTP: it finds models and pictures
// at the given paths, runs techniques as jobs that can be watched and
// cancelled, and keeps their figures, so that an address shows the same view
// again. Routes, forms and help come from the list of techniques; the package
// knows none of them.
//
// It is made for one person on their own machine: it answers only requests
// that name it by a local name, or that carry its token. Files are reached by
// the identifiers it gives out, never by paths from a request.
package server
