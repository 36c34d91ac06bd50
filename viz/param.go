package viz

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/internal/spell"
)

// A Param describes one parameter of a technique. It is read off a field of
// the parameter struct:
//
//	Opacity float64 `help:"opacity of the map" min:"0" max:"1" step:"0.05"`
//
// The name is the field's in kebab case (or the tag name). The type of the
// field is string, int, float64, bool, a slice of one of them, or a named string
// type with the method Choices() []Choice. Tags: help (required), min, max,
// step, unit, source (where a form finds values: "layers", "classes"), and
// advanced:"true" for what a form may fold away.
type Param struct {
	Name     string   `json:"name"`
	Help     string   `json:"help"`
	Type     string   `json:"type"` // string, int, float, bool
	List     bool     `json:"list,omitempty"`
	Default  Strings  `json:"default"`
	Choices  []Choice `json:"choices,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
	Step     *float64 `json:"step,omitempty"`
	Unit     string   `json:"unit,omitempty"`
	Source   string   `json:"source,omitempty"`
	Advanced bool     `json:"advanced,omitempty"`
}

// A Choice is one of the values a parameter may have.
type Choice struct {
	Name string `json:"name"`
	Help string `json:"help"`
}

// Values are parameters as text, by name, as flags and queries give them.
type Values map[string]Strings

// Strings are the texts given for one parameter; more than one for a list.
type Strings []string

func (s Strings) String() string { return strings.Join(s, ",") }

type chooser interface{ Choices() []Choice }

func describe(defaults any) []Param {
	v := reflect.ValueOf(defaults)
	params := make([]Param, 0, v.NumField())
	for i := range v.NumField() {
		params = append(params, describeField(v.Type().Field(i), v.Field(i)))
	}
	return params
}

func describeField(f reflect.StructField, v reflect.Value) Param {
	p := Param{
		Name: fieldName(f), Help: f.Tag.Get("help"),
		Min: number(f, "min"), Max: number(f, "max"), Step: number(f, "step"),
		Unit: f.Tag.Get("unit"), Source: f.Tag.Get("source"),
		Advanced: f.Tag.Get("advanced") == "true",
	}
	t := f.Type
	p.Default = Strings{}
	if t.Kind() == reflect.Slice {
		p.List, t = true, t.Elem()
		for i := range v.Len() {
			p.Default = append(p.Default, fmt.Sprint(v.Index(i).Interface()))
		}
	} else {
		p.Default = Strings{fmt.Sprint(v.Interface())}
	}
	p.Type = typeWord(t)
	if c, ok := reflect.Zero(t).Interface().(chooser); ok {
		p.Choices = c.Choices()
	}
	return p
}

func typeWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Int, reflect.Int64:
		return "int"
	case reflect.Float64:
		return "float"
	case reflect.Bool:
		return "bool"
	}
	panic(fmt.Sprintf("viz: a parameter cannot be a %s", t))
}

func fieldName(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range f.Name {
		if i > 0 && r >= 'A' && r <= 'Z' {
			b.WriteByte('-')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

func number(f reflect.StructField, tag string) *float64 {
	text, ok := f.Tag.Lookup(tag)
	if !ok {
		return nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(fmt.Sprintf("viz: tag %s of %s is no number", tag, f.Name))
	}
	return &x
}

// decode fills the struct p points at from v; fields not in v keep their values.
func decode(p any, v Values) error {
	s := reflect.ValueOf(p).Elem()
	for i := range s.NumField() {
		f := s.Type().Field(i)
		texts, ok := v[fieldName(f)]
		if !ok {
			continue
		}
		if err := setField(s.Field(i), describeField(f, s.Field(i)), texts); err != nil {
			return err
		}
	}
	return nil
}

func setField(field reflect.Value, p Param, texts Strings) error {
	if !p.List {
		if len(texts) != 1 {
			return Userf("%s takes one value, not %d", p.Name, len(texts))
		}
		return setValue(field, p, texts[0])
	}
	list := reflect.MakeSlice(field.Type(), len(texts), len(texts))
	for i, text := range texts {
		if err := setValue(list.Index(i), p, text); err != nil {
			return err
		}
	}
	field.Set(list)
	return nil
}

func setValue(v reflect.Value, p Param, text string) error {
	if err := p.Check(text); err != nil {
		return err
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		b, _ := strconv.ParseBool(text)
		v.SetBool(b)
	case reflect.Float64:
		x, _ := strconv.ParseFloat(text, 64)
		v.SetFloat(x)
	default:
		n, _ := strconv.ParseInt(text, 10, 64)
		v.SetInt(n)
	}
	return nil
}

// Check says in one sentence what is wrong with a value, or returns nil.
func (p Param) Check(text string) error {
	x := 0.0
	switch p.Type {
	case "bool":
		if _, err := strconv.ParseBool(text); err != nil {
			return Userf("%s is true or false, not %q", p.Name, text)
		}
		return nil
	case "int":
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return Userf("%s is a whole number, not %q", p.Name, text)
		}
		x = float64(n)
	case "float":
		var err error
		if x, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(x) {
			return Userf("%s is a number, not %q", p.Name, text)
		}
	default:
		return p.checkChoice(text)
	}
	if p.Min != nil && x < *p.Min || p.Max != nil && x > *p.Max {
		return Userf("%s is %s, not %s", p.Name, p.span(), text)
	}
	return nil
}

func (p Param) checkChoice(text string) error {
	if len(p.Choices) == 0 {
		return nil
	}
	var names []string
	for _, c := range p.Choices {
		names = append(names, c.Name)
	}
	if slices.Contains(names, text) {
		return nil
	}
	return Userf("%s has no choice %q%s; there are %s", p.Name, text, spell.Hint(text, names), strings.Join(names, ", "))
}

func (p Param) span() string {
	switch {
	case p.Max == nil:
		return fmt.Sprintf("at least %v", *p.Min)
	case p.Min == nil:
		return fmt.Sprintf("at most %v", *p.Max)
	}
	return fmt.Sprintf("%v to %v", *p.Min, *p.Max)
}
