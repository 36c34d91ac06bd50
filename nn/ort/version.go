package ort

// Version returns the version of ONNX Runtime's library, such as "1.30.0"; the
// library is found as by New.
func Version(library string) (string, error) {
	l, err := open(library)
	if err != nil {
		return "", err
	}
	return l.version, nil
}
