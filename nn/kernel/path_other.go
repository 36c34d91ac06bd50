//go:build !amd64 && !arm64

package kernel

func supportedPaths() []*path { return []*path{portablePath} }
