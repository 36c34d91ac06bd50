//go:build !unix

package logs

import "testing"

func makePipe(*testing.T, string) {}
