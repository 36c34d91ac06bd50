package mlflow

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"
)

// batchID names a batch with metrics by all that it holds, so that the store
// keeps one that a client sends again, because no answer came, only once: MLflow's
// server drops points that it has. Where a metric does not say when it was
// measured there is no such name, as the next one may be alike.
func batchID(metrics []metric, params, tags []keyValue) string {
	if len(metrics) == 0 {
		return ""
	}
	raw := binary.AppendUvarint(nil, uint64(len(metrics)))
	text := func(s string) { raw = append(binary.AppendUvarint(raw, uint64(len(s))), s...) }
	for i := range metrics {
		m := &metrics[i]
		if m.Timestamp == nil || m.Value == nil {
			return ""
		}
		text(m.Key)
		raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(float64(*m.Value)))
		raw = binary.AppendVarint(binary.AppendVarint(raw, int64(*m.Timestamp)), int64(m.Step))
		for _, s := range []string{m.Dataset, m.Digest, m.Model} {
			text(s)
		}
	}
	for _, list := range [][]keyValue{params, tags} {
		raw = binary.AppendUvarint(raw, uint64(len(list)))
		for _, pair := range list {
			text(pair.Key)
			text(pair.Value)
		}
	}
	sum := sha256.Sum256(raw)
	return "mlflow:" + hex.EncodeToString(sum[:16])
}
