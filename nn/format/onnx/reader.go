package onnx

import (
	"slices"
	"strconv"

	"github.com/tomo-viz/tomo/nn/format/onnx/onnxpb"
	"github.com/tomo-viz/tomo/nn/ir"
)

// A reader turns the messages of one file into graphs.
type reader struct {
	source
	payloads  [][]byte // raw_data lifted out of the main graph's initializers
	functions map[string]*ir.Function
}

func (r *reader) model(m *onnxpb.ModelProto) (*ir.Graph, error) {
	opsets := opsetsOf(m.OpsetImport)
	r.functions = map[string]*ir.Function{}
	for _, f := range m.Functions {
		if err := r.function(f, opsets); err != nil {
			return nil, err
		}
	}
	s := r.newScope("the graph", nil, opsets)
	s.zeroIsFree = m.GetIrVersion() < 4
	s.payloads = r.payloads
	if err := s.read(m.Graph); err != nil {
		return nil, err
	}
	if err := checkCalls(s.g); err != nil {
		return nil, err
	}
	ir.MarkParams(s.g)
	ir.AssignModules(s.g)
	s.g.Meta = metaOf(m)
	if m.GetDocString() != "" {
		s.g.Doc = m.GetDocString()
	}
	return s.g, nil
}

// opsetsOf reads the versions of the operator domains. The highest counts if
// there are several; files that say nothing are from before opset 2.
func opsetsOf(ids []*onnxpb.OperatorSetIdProto) map[string]int {
	opsets := map[string]int{"": 1}
	for _, id := range ids {
		domain := domainOf(id.GetDomain())
		opsets[domain] = max(opsets[domain], int(id.GetVersion()))
	}
	return opsets
}

// domainOf is the domain under the one name that the graph uses for it.
func domainOf(domain string) string {
	if domain == "ai.onnx" {
		return ""
	}
	return domain
}

func metaOf(m *onnxpb.ModelProto) map[string]string {
	meta := map[string]string{"format": "onnx"}
	set := func(key, value string) {
		if value != "" {
			meta[key] = value
		}
	}
	set("producer_name", m.GetProducerName())
	set("producer_version", m.GetProducerVersion())
	set("domain", m.GetDomain())
	if m.IrVersion != nil {
		set("ir_version", strconv.FormatInt(m.GetIrVersion(), 10))
	}
	if m.ModelVersion != nil {
		set("model_version", strconv.FormatInt(m.GetModelVersion(), 10))
	}
	if len(m.TrainingInfo) > 0 {
		set("training", "yes")
	}
	for _, e := range m.MetadataProps {
		set("metadata."+e.GetKey(), e.GetValue())
	}
	for _, e := range m.Graph.MetadataProps {
		set("graph."+e.GetKey(), e.GetValue())
	}
	for _, v := range slices.Concat(m.Graph.Input, m.Graph.Output) {
		denote(v, set)
	}
	return meta
}

// denote notes what a value and its axes stand for (ONNX docs/TypeDenotation.md
// and DimensionDenotation.md).
func denote(v *onnxpb.ValueInfoProto, set func(key, value string)) {
	key := "denotation." + v.GetName()
	set(key, v.GetType().GetDenotation())
	for axis, d := range v.GetType().GetTensorType().GetShape().GetDim() {
		set(key+"."+strconv.Itoa(axis), d.GetDenotation())
	}
}
