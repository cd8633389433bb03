package ffmpeg

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"latchkey/shared/fault"
)

// plan is what is rendered. It is made once and kept with the pieces, so that
// all of them show the same transcript, whatever is edited meanwhile.
type plan struct {
	Rate      rate
	Layout    layout
	VideoEnd  int64      // of the source, in ms
	Pieces    [][]frames // in the order in which they are joined
	Subtitles []cue      // none for an export
	Look      look
	Cut       bool // the sound is cut as the frames are, and not the source's
}

func (p plan) frames() (n int64) {
	for _, piece := range p.Pieces {
		n += count(piece)
	}
	return n
}

// Bucket keeps what is rendered of a long video until all of it is.
type Bucket interface {
	Objects
	// Has tells whether there is an object.
	Has(ctx context.Context, key string) (bool, error)
	// Stream stores an object of what is read. A reader that fails leaves none.
	Stream(ctx context.Context, key string, from io.Reader) error
	// DeleteAll removes all objects whose key begins with prefix.
	DeleteAll(ctx context.Context, prefix string) error
}

// Prefix is where all that is kept lies in the bucket, each rendering's in a
// folder named after it. Nothing there is needed when it is over.
const Prefix = "engines/"

func kept(id, name string) string { return Prefix + id + "/" + name }

func pieceName(i int) string { return fmt.Sprintf("%05d.mp4", i) }

// plan returns the plan that was kept for a rendering, or keeps the one that
// is made now. One of a single piece is not worth it.
func (r Renderer) plan(ctx context.Context, id string, made func() (plan, error)) (p plan, err error) {
	body, err := r.Bucket.Open(ctx, kept(id, "plan.json"))
	if err == nil {
		defer body.Close()
		if err := json.NewDecoder(body).Decode(&p); err != nil {
			return p, fmt.Errorf("plan: %w", err)
		}
		return p, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return p, fmt.Errorf("plan: %w", err)
	}
	if p, err = made(); err != nil || len(p.Pieces) == 1 {
		return p, err
	}
	text, err := json.Marshal(p)
	if err == nil {
		err = r.Bucket.Stream(ctx, kept(id, "plan.json"), bytes.NewReader(text))
	}
	if err != nil {
		return p, fmt.Errorf("plan: %w", err)
	}
	return p, nil
}
