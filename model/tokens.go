package model

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tomo-viz/tomo/nn/ir"
	"github.com/tomo-viz/tomo/nn/tensor"
)

// Tokens are how a network reads a sequence of them.
type Tokens struct {
	IDs ir.ValueID // the input of their numbers, [N, T]
	// Embedded is what stands for each of them, its row of the table: [N, T, E].
	Embedded ir.ValueID
	Table    *tensor.Tensor // [vocabulary, E]
}

// Tokens finds the input of a network that is looked up, number by number, in a
// table of embeddings, the one with the most rows if there are several, such as
// those of positions and sentences; it is false if there is none, or if the network
// takes pictures.
func (m *Model) Tokens() (found Tokens, ok bool) {
	if m.Input != ir.None {
		return found, false
	}
	for i := range m.Net.Nodes {
		n := &m.Net.Nodes[i]
		if n.Op != "Gather" || n.Attrs.Int("axis", 0) != 0 {
			continue
		}
		table := m.Net.Values[n.Input(0)].Const
		ids := m.recast(n.Input(1))
		if table == nil || table.Rank() != 2 || !table.DType().IsFloat() || !m.takesNumbers(ids) {
			continue
		}
		if !ok || table.Dim(0) > found.Table.Dim(0) {
			found, ok = Tokens{ids, n.Outputs[0], table}, true
		}
	}
	return found, ok
}

// recast is where a value comes from before its numbers were given another type.
func (m *Model) recast(v ir.ValueID) ir.ValueID {
	for v != ir.None {
		p := m.Net.Values[v].Producer
		if p == ir.None || !slices.Contains([]string{"Cast", "Identity"}, m.Net.Nodes[p].Op) {
			break
		}
		v = m.Net.Nodes[p].Input(0)
	}
	return v
}

func (m *Model) takesNumbers(v ir.ValueID) bool {
	return v != ir.None && slices.Contains(m.Net.Inputs, v) && len(m.Net.Values[v].Shape) == 2 && !m.Net.Values[v].DType.IsFloat()
}

// maxVocabulary bounds the bytes of a file of words.
const maxVocabulary = 1 << 26

// Vocabulary are the words of tokens by their numbers, from a file vocab.txt beside
// the model, one to a line, as BERT's are published; nil if there is none.
func (m *Model) Vocabulary() []string {
	path := filepath.Join(filepath.Dir(m.Path), "vocab.txt")
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > maxVocabulary {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	return lines
}
