package kernel

func supportedPaths() []*path { return []*path{portablePath} }
