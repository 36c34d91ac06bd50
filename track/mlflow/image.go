package mlflow

import (
	"context"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/tomo-viz/tomo/track"
)

// loggedImage is the name under which clients put an image that was logged at a
// step, as it was; a small copy of it has another.
var loggedImage = regexp.MustCompile(`^images/(.+)([%+])step[%+](-?\d+)[%+]timestamp[%+](\d+)[%+][0-9a-f-]{36}\.png$`)

// maxImage bounds the images that become records.
const maxImage = 32 << 20

// recordImage makes an image that was logged at a step a record of its run.
func (h *Handler) recordImage(ctx context.Context, r *track.Run, rest, name string) error {
	m := loggedImage.FindStringSubmatch(rest)
	if m == nil {
		return nil
	}
	step, err := strconv.ParseInt(m[3], 10, 64)
	at, err2 := strconv.ParseInt(m[4], 10, 64)
	if errors.Join(err, err2) != nil || at > maxMillis {
		return nil // it stays an artifact
	}
	root, err := h.artifacts.folder(false)
	if err != nil {
		return err
	}
	if info, err := root.Stat(name); err != nil || info.Size() > maxImage {
		return err
	}
	body, err := root.ReadFile(name)
	if err != nil {
		return err
	}
	key := strings.NewReplacer("~", "/", "#", "/").Replace(m[1])
	return h.store.Log(ctx, r, &track.Batch{Records: []track.Record{{Kind: track.Image, Name: key, Step: float64(step), Time: at * 1000, Body: body}}})
}
