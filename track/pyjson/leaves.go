package pyjson

// A Kind is what a value is.
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Number
	Text
	Array
	Object
)

// A Leaf is a value.
type Leaf struct {
	Kind   Kind
	Number float64 // of a Number; of a Bool, 1 where it is true
	Text   []byte  // of a Text, in UTF-8
	Raw    []byte  // as it stands in the document
}

// Leaves calls take with every value of an object that is no object itself, in
// the order of the document, under the names that lead to it, joined by slashes.
// An array is one leaf. What take is given is valid until it returns; what it
// returns ends the reading.
func Leaves(document []byte, take func(name []byte, leaf Leaf) error) error {
	p := parser{data: document}
	if err := p.leaves(nil, take); err != nil {
		return err
	}
	return p.end()
}

// leaves is for the object that begins here.
func (p *parser) leaves(name []byte, take func([]byte, Leaf) error) error {
	return p.object(func(key []byte) error {
		full := key
		if len(name) > 0 {
			// The parts of a name lie behind each other in one buffer, which
			// an object within has to leave as it is.
			full = append(append(name, '/'), key...)
		}
		p.space()
		if p.pos < len(p.data) && p.data[p.pos] == '{' {
			// A key that was unescaped lies where the next one will.
			return p.leaves(append(make([]byte, 0, len(full)+64), full...), take)
		}
		leaf, err := p.value()
		if err != nil {
			return err
		}
		return take(full, leaf)
	})
}

// Items calls take with the elements of an array.
func Items(document []byte, take func(Leaf) error) error {
	p := parser{data: document}
	err := p.array(func() error {
		leaf, err := p.value()
		if err != nil {
			return err
		}
		return take(leaf)
	})
	if err != nil {
		return err
	}
	return p.end()
}

// Fields calls take with the values of an object, by their names.
func Fields(document []byte, take func(name string, leaf Leaf) error) error {
	p := parser{data: document}
	err := p.object(func(key []byte) error {
		name := string(key)
		leaf, err := p.value()
		if err != nil {
			return err
		}
		return take(name, leaf)
	})
	if err != nil {
		return err
	}
	return p.end()
}

// Parse reads one value.
func Parse(document []byte) (Leaf, error) {
	p := parser{data: document}
	leaf, err := p.value()
	if err != nil {
		return Leaf{}, err
	}
	return leaf, p.end()
}

// Value is what encoding/json makes of a document: nil, bool, float64, string,
// []any or map[string]any.
func Value(document []byte) (any, error) {
	leaf, err := Parse(document)
	if err != nil {
		return nil, err
	}
	return leaf.value()
}

func (l Leaf) value() (any, error) {
	switch l.Kind {
	case Bool:
		return l.Number == 1, nil
	case Number:
		return l.Number, nil
	case Text:
		return string(l.Text), nil
	case Array:
		out := []any{}
		err := Items(l.Raw, func(item Leaf) error {
			v, err := item.value()
			out = append(out, v)
			return err
		})
		return out, err
	case Object:
		out := map[string]any{}
		err := Fields(l.Raw, func(name string, field Leaf) error {
			v, err := field.value()
			out[name] = v
			return err
		})
		return out, err
	}
	return nil, nil
}
