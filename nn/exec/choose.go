package exec

// A Kind is a sort of executor that users choose by its name.
type Kind struct {
	// Name is what Executor.Name returns, Doc says in a few words what it is.
	Name, Doc string
	New       func() (Executor, error)
}

// Kinds lists the executors of this package, the default first.
func Kinds(o Options) []Kind {
	return []Kind{
		{"native", "Tomo's own kernels", func() (Executor, error) {
			if o == (Options{}) {
				return Default(), nil
			}
			return Native(o), nil
		}},
		{"plain", "the slow reference", func() (Executor, error) { return Plain(), nil }},
	}
}
