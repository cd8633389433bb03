package latchkey

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

const (
	formOverhead = 16 << 10 // bytes of a form besides the file in it
	maxFormField = 2 << 10  // bytes of one field that is not the file
)

// readForm reads a file that is sent with its announcement, in a form: the
// part "file", and fields named as in JSON. The whole is in memory, at most
// file.MaxBodyBytes and formOverhead.
func readForm(r *http.Request, boundary string) (newFile, error) {
	if _, err := query(r); err != nil {
		return newFile{}, err
	}
	body, err := dialect.ReadBody(r, file.MaxBodyBytes+formOverhead)
	if fault.Is(err, fault.TooLarge) {
		return newFile{}, fault.Field(fault.TooLarge, "file", "may have %d bytes in a form; for a larger one "+
			"send its name and size as JSON to POST /api/v1/files, and upload to the URL in the answer", file.MaxBodyBytes)
	}
	if err != nil {
		return newFile{}, err
	}
	f, err := parseForm(body, boundary)
	if err != nil {
		return newFile{}, err
	}
	n := newFile{New: f.announced(), direct: true, body: f.content}
	n.once, err = dialect.ReadOnce(r, f.digestParts()...)
	return n, err
}

// form is a parsed form: what it says, whatever its boundary was.
type form struct {
	fields      map[string]string
	file        bool // there was a part "file"
	name        string
	contentType string
	content     []byte
}

// formFields are the fields of a form besides "file", in a fixed order.
var formFields = [...]string{"name", "content_type", "sha256", "kind"}

// parseForm fails with Malformed for what is no form, and with a fault that
// names the field for a part that is unknown, repeated, too long or missing.
func parseForm(body []byte, boundary string) (form, error) {
	f := form{fields: make(map[string]string)}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return form{}, fault.Wrap(fault.Malformed, err, "the form could not be read")
		}
		if err := f.take(p); err != nil {
			return form{}, err
		}
	}
	if !f.file {
		return form{}, dialect.Missing("file")
	}
	return f, nil
}

func (f *form) take(p *multipart.Part) error {
	name := p.FormName()
	_, repeated := f.fields[name]
	switch {
	case name == "":
		return fault.New(fault.Malformed, "a part of the form has no name")
	case name == "file" && f.file || repeated:
		return fault.Field(fault.Invalid, name, "appears twice")
	case name == "file":
		return f.takeFile(p)
	case !slices.Contains(formFields[:], name):
		return unknown(dialect.Object{strings.ToValidUTF8(name, "�"): nil}, "")
	}
	value, err := io.ReadAll(io.LimitReader(p, maxFormField+1))
	switch {
	case err != nil:
		return fault.Wrap(fault.Malformed, err, "the form could not be read")
	case len(value) > maxFormField:
		return fault.Field(fault.Invalid, name, "is longer than %d bytes", maxFormField)
	case !utf8.Valid(value) || bytes.IndexByte(value, 0) >= 0:
		return fault.Field(fault.Invalid, name, "is not valid UTF-8 text")
	}
	f.fields[name] = string(value)
	return nil
}

func (f *form) takeFile(p *multipart.Part) (err error) {
	f.file, f.name, f.contentType = true, p.FileName(), p.Header.Get("Content-Type")
	if f.content, err = io.ReadAll(p); err != nil {
		return fault.Wrap(fault.Malformed, err, "the form could not be read")
	}
	return nil
}

// announced prefers the fields to what the part's own headers say.
func (f *form) announced() file.New {
	n := file.New{
		Name: f.name, ContentType: f.contentType,
		Kind: file.Kind(f.fields["kind"]), SHA256: checksum(f.fields["sha256"]),
	}
	if v, ok := f.fields["name"]; ok {
		n.Name = v
	}
	if v, ok := f.fields["content_type"]; ok {
		n.ContentType = v
	}
	return n
}

func (f *form) digestParts() []string {
	parts := []string{f.name, f.contentType, string(f.content)}
	for _, name := range formFields {
		if v, ok := f.fields[name]; ok {
			parts = append(parts, name, v)
		}
	}
	return parts
}
