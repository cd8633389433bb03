package recording

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"latchkey/shared/fault"
	"latchkey/shared/transcript"
)

// ContentPrefix is where contents lie in the bucket.
const ContentPrefix = "transcripts/"

// prefix is that of all that a recording's documents consist of.
func (r Recording) prefix() string { return ContentPrefix + r.Organization + "/" + r.ID + "/" }

func (d Document) prefix() string {
	return ContentPrefix + d.Organization + "/" + d.Recording + "/" + d.ID + "/"
}

// encode is how contents are stored: gzip of JSON. size is that of the JSON.
func encode(t transcript.Transcript) (body []byte, size int64, err error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	n := counter{w: z}
	if err := transcript.Write(&n, transcript.JSON, t, transcript.Options{}); err != nil {
		return nil, 0, fmt.Errorf("content: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, 0, fmt.Errorf("content: %w", err)
	}
	return b.Bytes(), n.bytes, nil
}

// counter counts what goes through it.
type counter struct {
	w     io.Writer
	bytes int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.bytes += int64(n)
	return n, err
}

func decode(body []byte) (t transcript.Transcript, err error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return t, fmt.Errorf("content: %w", err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		return t, fmt.Errorf("content: %w", err)
	}
	if t, err = transcript.Parse(transcript.JSON, text); err != nil {
		return t, fmt.Errorf("content: %w", err)
	}
	return t, nil
}

// check refuses what is no valid transcript, and names the field.
func check(t transcript.Transcript) error {
	var e *transcript.Error
	if errors.As(t.Validate(), &e) {
		return fault.Field(fault.Invalid, e.At, "%s", e.Message)
	}
	return nil
}

// put stores a content of d under a key of its own, which it notes in d.
func (s *Service) put(ctx context.Context, d *Document, t transcript.Transcript) error {
	body, size, err := encode(t)
	if err != nil {
		return err
	}
	d.Content, d.Size = d.prefix()+s.IDs.Secret()+".json.gz", size
	return s.Contents.Put(ctx, d.Content, body)
}

// readAttempts bounds how often a content is looked for that an editor has
// replaced between the read of the document and that of the content.
const readAttempts = 5

// content reads a document's content, and the document again if it was
// edited meanwhile.
func (s *Service) content(ctx context.Context, d Document) (Read, error) {
	for attempt := 1; ; attempt++ {
		body, err := s.Contents.Get(ctx, d.Content)
		if err == nil {
			t, err := decode(body)
			return Read{Document: d, Transcript: t}, err
		}
		if !fault.Is(err, fault.NotFound) || attempt == readAttempts {
			return Read{}, fmt.Errorf("content %s: %w", strings.TrimPrefix(d.Content, d.prefix()), err)
		}
		if d, err = s.again(ctx, d); err != nil {
			return Read{}, err
		}
	}
}

// again reads a document anew.
func (s *Service) again(ctx context.Context, d Document) (Document, error) {
	f, err := s.Store.Find(ctx, d.Organization, d.Recording, d.ID)
	if err == nil && f.hidden() {
		err = errNotFound()
	}
	return f.Document, err
}
