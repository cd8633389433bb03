package scriptix

import (
	"errors"
	"net/http"
	"slices"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// documents answers with a session's documents, without their contents.
func (a API) documents(r *http.Request, to recording.Access, p page) (dialect.Response, error) {
	all, err := a.Recordings.Documents(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	from := min(p.offset, len(all))
	out := []documentJSON{}
	for _, d := range all[from:min(from+p.limit, len(all))] {
		out = append(out, documentOf(d))
	}
	return dialect.JSON(http.StatusOK, envelope{len(out), len(all), out})
}

// given are the formats of a transcript that a document is made from.
var given = []transcript.Format{transcript.JSON, transcript.SRT, transcript.VTT, transcript.TXT, transcript.SBV, transcript.TTML}

type newDocument struct {
	recording.NewDocument
	once dialect.Once
	at   string // where its segments are in the body
}

// readNewDocument reads what a document is made from: a given transcript,
// another document, or with neither the session itself.
func readNewDocument(r *http.Request) (n newDocument, err error) {
	o, once, err := dialect.ReadPost(r, dialect.MaxBody)
	if err == nil {
		err = sameIDs(r, o)
	}
	if err != nil {
		return n, err
	}
	n.once = once
	var kind string
	for name, to := range map[string]*string{"filename": &n.Filename, "language": &n.Language, "document_type": &kind} {
		if *to, _, err = o.String(name, name); err != nil {
			return n, err
		}
	}
	n.Type = recording.Type(kind)
	if n.CopyOf, err = readCopy(o); err != nil {
		return n, err
	}
	if n.Transcript, n.at, err = readGiven(o); err != nil {
		return n, err
	}
	if n.Limits, err = readLimits(o); err != nil {
		return n, err
	}
	if err := noWebhook(o); err != nil {
		return n, err
	}
	if n.CopyOf != "" && n.Transcript != nil {
		return n, fault.Field(fault.Invalid, "copy_of", "cannot go with content")
	}
	return n, nil
}

// readLimits reads how captions are cut, or nil where nothing is said of it.
// What is not said of all is as transcript.DefaultLimits has it.
func readLimits(o dialect.Object) (*transcript.Limits, error) {
	l, any := transcript.DefaultLimits, false
	for _, f := range []struct {
		name        string
		least, most int64
		to          func(int64)
	}{
		{"max_line_length", 1, 200, func(n int64) { l.LineLength = int(n) }},
		{"max_line_words", 1, 100, func(n int64) { l.LineWords = int(n) }},
		{"max_segment_duration", 1, 200_000, func(n int64) { l.Duration = n }},
		{"max_segment_lines", 1, 100, func(n int64) { l.Lines = int(n) }},
		{"max_segment_words", 1, 1000, func(n int64) { l.Words = int(n) }},
		{"max_silence_between_words", 1, 200_000, func(n int64) { l.Silence = n }},
		{"min_segment_gap", 0, 10_000, func(n int64) { l.Gap = n }},
	} {
		if o[f.name] == nil {
			continue
		}
		n, _, err := o.Int(f.name, f.name)
		if err == nil && (n < f.least || n > f.most) {
			err = fault.Field(fault.Invalid, f.name, "must be a number from %d to %d", f.least, f.most)
		}
		if err != nil {
			return nil, err
		}
		f.to(n)
		any = true
	}
	if !any {
		return nil, nil
	}
	return &l, nil
}

// noWebhook refuses to call anybody: who asks for it and hears nothing would
// wait for ever.
func noWebhook(o dialect.Object) error {
	if o["webhook_url"] == nil {
		return nil
	}
	return fault.Field(fault.Invalid, "webhook_url", "cannot be called: webhooks are not supported")
}

func readCopy(o dialect.Object) (string, error) {
	id, ok, err := o.String("copy_of", "copy_of")
	if err != nil || !ok {
		return "", err
	}
	if id, err = bare(id, documentPrefix, documentLength); err != nil {
		return "", fault.Field(fault.Invalid, "copy_of", "is no document of this session")
	}
	return id, nil
}

// readGiven returns the transcript that a body holds, or nil, and where its
// segments are.
func readGiven(o dialect.Object) (t *transcript.Transcript, at string, err error) {
	word, hasFormat, err := o.String("format", "format")
	if err != nil {
		return nil, "", err
	}
	v := o["content"]
	switch {
	case v == nil && hasFormat:
		return nil, "", dialect.Missing("content")
	case v == nil:
		return nil, "", nil
	case !hasFormat:
		return nil, "", dialect.Missing("format")
	}
	format := transcript.Format(word)
	if !slices.Contains(given, format) {
		return nil, "", fault.Field(fault.Invalid, "format", "must be one of: json, srt, vtt, txt, sbv, ttml")
	}
	text, isText := v.(string)
	switch {
	case format == transcript.JSON && !isText:
		return readContent(v, "content")
	case format == transcript.JSON:
		if v, err = dialect.ParseValue([]byte(text)); err != nil {
			return nil, "", fault.Field(fault.Invalid, "content", "is not valid JSON")
		}
		return readContent(v, "content")
	case !isText:
		return nil, "", fault.Field(fault.Invalid, "content", "must be text")
	}
	parsed, err := transcript.Parse(format, []byte(text))
	if e, ok := errors.AsType[*transcript.Error](err); ok {
		return nil, "", fault.Field(fault.Invalid, "content", "%s", e)
	}
	return &parsed, "content.segments", err
}

func (a API) addDocument(r *http.Request, to recording.Access, n newDocument) (dialect.Response, error) {
	n.Once = n.once.By(to.By())
	made, err := a.Recordings.AddDocument(r.Context(), to, n.NewDocument)
	if err != nil {
		return dialect.Response{}, newOnWire(err, n)
	}
	res, err := written(made, nil)
	res.Status = http.StatusCreated
	return res, err
}

// newOnWire gives the domain's fields their names in this API.
func newOnWire(err error, n newDocument) error {
	e := fault.As(err)
	switch {
	case e == nil:
		return err
	case e.Kind == fault.NotFound && n.CopyOf != "":
		return fault.Field(fault.Invalid, "copy_of", "is no document of this session")
	case e.Field == "type":
		return fault.Field(e.Kind, "document_type", "%s", e.Message)
	}
	return onWire(err, n.at)
}
