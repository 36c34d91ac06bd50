// Package model is a model as its user means it: the graph and its weights,
// what a picture must go through before the network sees it, and what the
// classes are called.
//
// Open reads any supported model file. How pictures are prepared (Prep) is
// taken from, in this order: settings of the user, a tomo.json beside the
// model, Hugging Face's preprocessor_config.json, the file's own metadata, the
// conventions of the tool that made the file, and last the shape of the input.
// Prep.Source says which, and every picture shows it: a wrong preparation
// gives wrong maps without any error.
package model
