package sonix

import (
	"bytes"
	"cmp"
	"io"
	"net/http"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// said opens the path's transcript: in the language that is asked for, or in
// the media's own.
func (a API) said(c call, op account.Operation) (recording.Access, error) {
	to, err := a.open(c, op)
	if err != nil {
		return to, err
	}
	language, err := c.text("language")
	if err != nil {
		return to, err
	}
	to, err = a.Recordings.Main(c.Context(), to, cmp.Or(c.PathValue("language"), language))
	if fault.Is(err, fault.NotFound) && fault.As(err).Field == "language" {
		err = fault.New(fault.NotFound, "translation not found")
	}
	return to, err
}

// export answers a transcript in a form.
func (a API) export(contentType string, write func(io.Writer, call, recording.Read, string) error) func(call) (any, error) {
	return func(c call) (any, error) {
		to, err := a.said(c, account.ReadRecordings)
		if err != nil {
			return nil, err
		}
		d, err := a.Recordings.Read(c.Context(), to)
		if err != nil {
			return nil, err
		}
		var b bytes.Buffer
		if err := write(&b, c, d, to.Recording.Name); err != nil {
			return nil, err
		}
		return dialect.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {contentType}}, Body: b.Bytes()}, nil
	}
}

func asText(w io.Writer, _ call, d recording.Read, name string) error {
	return writeText(w, name, d.Transcript)
}

func asWords(w io.Writer, _ call, d recording.Read, name string) error {
	return writeWords(w, name, d.Transcript, d.Bare)
}

// asCaptions writes a transcript as captions in a format.
func asCaptions(f transcript.Format) func(io.Writer, call, recording.Read, string) error {
	return func(w io.Writer, c call, d recording.Read, _ string) error {
		options, err := readCaptions(c.form)
		if err != nil {
			return err
		}
		return options.write(w, f, d.Transcript, d.Language)
	}
}

func (a API) putTranscript(c call) (any, error) {
	to, err := a.said(c, account.EditRecordings)
	if err != nil {
		return nil, err
	}
	t, bare, err := readWords(c.form)
	if err != nil {
		return nil, err
	}
	d, err := a.Recordings.UpdateDocument(c.Context(), to, recording.Edit{Transcript: &t, Bare: &bare})
	return a.words(d, to, err)
}

func (a API) split(c call) (any, error) {
	to, err := a.said(c, account.EditRecordings)
	if err != nil {
		return nil, err
	}
	limits, err := readSplit(c.form)
	if err != nil {
		return nil, err
	}
	d, err := a.Recordings.Split(c.Context(), to, limits)
	if e := fault.As(err); e != nil && e.Field == "segments" {
		err = fault.Field(e.Kind, "max_characters", "makes too many subtitles: the transcript %s", e.Message)
	}
	return a.words(d, to, err)
}

// words answers a transcript as it is now.
func (a API) words(d recording.Read, to recording.Access, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := writeWords(&b, to.Recording.Name, d.Transcript, d.Bare); err != nil {
		return nil, err
	}
	return dialect.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}, Body: b.Bytes()}, nil
}
