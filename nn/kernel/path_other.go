//go:build !amd64

package kernel

func supportedPaths() []*path { return []*path{portablePath} }
