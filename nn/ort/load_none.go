//go:build noort || !(linux || darwin || windows) || !(amd64 || arm64)

package ort

import "errors"

func load(string) (uintptr, error) {
	return 0, errors.New("this build of Tomo cannot load libraries")
}

func call(uintptr, ...uintptr) uintptr { panic("ort: nothing was loaded") }
