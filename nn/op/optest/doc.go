// Package optest checks operators: gradient rules against central
// differences, and inferred types against computed outputs.
package optest
