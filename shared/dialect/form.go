package dialect

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"latchkey/shared/fault"
)

// Form is what a request says in its query and in its body together. Where
// both name a field, the body counts.
type Form struct {
	Value any // a JSON body that is no object, as ParseValue returns it; nil otherwise

	fields map[string]any // nil, bool, string, json.Number, []any, Object or repeated
	files  map[string]*File
}

// File is a file that was sent in a form.
type File struct {
	Name        string // without folders and control characters, never empty; it may be too long for a file.New
	ContentType string // as the client named it, or "" if that is no media type
	Body        []byte
}

// ReadForm reads a request's query and its body, by its Content-Type, on
// every method:
//
//   - multipart/form-data, with files of at most maxFile bytes each, none if
//     maxFile is 0;
//   - application/x-www-form-urlencoded;
//   - application/json, or no type or another one and a body that begins with
//     { or [, which urlencoded fields do not either: curl -d calls its JSON so.
//
// In a query and in forms, name[] repeated, name[0] and name[1], and a name
// that is repeated are a list, and name[key] is an object. Names that nobody
// asks for are ignored. Text is UTF-8: in a body that claims another charset
// it must be ASCII.
//
// What cannot be read is a Malformed fault, a field that is not what it
// should be an Invalid one, and a file above maxFile or other content above
// MaxBody TooLarge.
func ReadForm(r *http.Request, maxFile int64) (Form, error) {
	query := newSentFields()
	if err := query.urlencoded(r.URL.RawQuery, ""); err != nil {
		return Form{}, err
	}
	values, err := query.values()
	if err != nil {
		return Form{}, err
	}
	f, err := readFormBody(r, maxFile)
	if err != nil {
		return Form{}, err
	}
	for name, v := range values {
		if !f.Has(name) {
			f.fields[name] = v
		}
	}
	return f, nil
}

const (
	typeMultipart  = "multipart/form-data"
	typeURLEncoded = "application/x-www-form-urlencoded"
	typeJSON       = "application/json"
)

func readFormBody(r *http.Request, maxFile int64) (Form, error) {
	f := Form{fields: map[string]any{}, files: map[string]*File{}}
	if e := r.Header.Get("Content-Encoding"); e != "" && !strings.EqualFold(e, "identity") {
		return f, fault.New(fault.Malformed, "the request body must not be compressed: Content-Encoding is %s", Clip(printable(e)))
	}
	sent := r.Header.Get("Content-Type")
	kind, params, err := mime.ParseMediaType(sent)
	if err != nil && sent != "" {
		return f, fault.Wrap(fault.Malformed, err, "the Content-Type could not be read")
	}
	limit := int64(MaxBody)
	if kind == typeMultipart {
		limit += maxFile
	}
	body, err := ReadBody(r, limit)
	if err != nil || len(bytes.TrimSpace(body)) == 0 {
		return f, err
	}
	switch first := bytes.TrimSpace(body)[0]; {
	case kind == typeMultipart:
		return f, f.multipart(body, params["boundary"], maxFile)
	case kind == typeJSON || first == '{' || first == '[':
		return f, f.json(body, params["charset"])
	case kind == typeURLEncoded:
		fields := newSentFields()
		if err := fields.urlencoded(string(body), params["charset"]); err != nil {
			return f, err
		}
		f.fields, err = fields.values()
		return f, err
	}
	return f, fault.New(fault.Malformed, "the Content-Type must be %s, %s or %s", typeMultipart, typeURLEncoded, typeJSON)
}

func (f *Form) json(body []byte, charset string) error {
	if !isUTF8(charset) && !isASCII(string(body)) {
		return fault.New(fault.Malformed, "the request body must be UTF-8")
	}
	v, err := ParseValue(body)
	if err != nil {
		return err
	}
	if o, ok := v.(Object); ok {
		f.fields = o
		return nil
	}
	f.Value = v
	return nil
}

func (f *Form) multipart(body []byte, boundary string, maxFile int64) (err error) {
	if boundary == "" {
		return fault.New(fault.Malformed, "the Content-Type of a form needs a boundary")
	}
	if !bytes.Contains(body, []byte("--"+boundary+"--")) {
		return fault.New(fault.Malformed, "the form was cut off: its last boundary is missing") // an EOF like any other to NextPart
	}
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	fields := newSentFields()
	left := int64(MaxBody) // bytes of the fields together
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fault.Wrap(fault.Malformed, err, "the form could not be read")
		}
		name, err := partName(p)
		if err != nil {
			return err
		}
		if p.FileName() == "" {
			err = takeText(fields, name, p, &left)
		} else if err = fields.another(); err == nil {
			err = f.takeFile(name, p, maxFile)
		}
		if err != nil {
			return err
		}
	}
	if f.fields, err = fields.values(); err != nil {
		return err
	}
	for name := range f.files {
		if _, ok := f.fields[name]; ok {
			return fault.Field(fault.Invalid, Clip(name), "appears twice")
		}
	}
	return nil
}

// partName returns the name of a part that is plain. NextPart has decoded
// quoted-printable, the one encoding that it knows (RFC 7578, section 4.7,
// wants none).
func partName(p *multipart.Part) (string, error) {
	name := p.FormName()
	if name == "" {
		return "", fault.New(fault.Malformed, "a part of the form has no name")
	}
	if err := checkText(name, name); err != nil {
		return "", err
	}
	switch e := strings.ToLower(p.Header.Get("Content-Transfer-Encoding")); e {
	case "", "7bit", "8bit", "binary":
	default:
		return "", fault.Field(fault.Invalid, Clip(name), "must be sent without a Content-Transfer-Encoding")
	}
	if kind := strings.ToLower(p.Header.Get("Content-Type")); strings.HasPrefix(kind, "multipart/") {
		return "", fault.Field(fault.Invalid, Clip(name), "must not have parts of its own")
	}
	return name, nil
}

func takeText(fields *sentFields, name string, p *multipart.Part, left *int64) error {
	value, err := io.ReadAll(io.LimitReader(p, *left+1))
	if err != nil {
		return fault.Wrap(fault.Malformed, err, "the form could not be read")
	}
	if *left -= int64(len(value)); *left < 0 {
		return fault.New(fault.TooLarge, "the fields of the form are larger than %d bytes", MaxBody)
	}
	charset := ""
	if _, params, err := mime.ParseMediaType(p.Header.Get("Content-Type")); err == nil {
		charset = params["charset"]
	}
	return fields.add(name, string(value), charset)
}

func (f *Form) takeFile(name string, p *multipart.Part, maxFile int64) error {
	if maxFile == 0 {
		return fault.Field(fault.Invalid, Clip(name), "must not be a file")
	}
	if f.files[name] != nil {
		return fault.Field(fault.Invalid, Clip(name), "appears twice")
	}
	body, err := io.ReadAll(io.LimitReader(p, maxFile+1))
	if err != nil {
		return fault.Wrap(fault.Malformed, err, "the form could not be read")
	}
	if int64(len(body)) > maxFile {
		return fault.Field(fault.TooLarge, Clip(name), "is larger than %d bytes", maxFile)
	}
	kind := p.Header.Get("Content-Type")
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		kind = ""
	}
	f.files[name] = &File{Name: baseName(p.FileName()), ContentType: kind, Body: body}
	return nil
}

// baseName returns what is left of a file's name without folders, which old
// browsers send, and without control characters. Browsers, curl and others
// write a quotation mark as %22 (html.spec.whatwg.org, "multipart form data").
func baseName(name string) string {
	name = strings.ReplaceAll(name, "%22", `"`)
	name = printable(name[strings.LastIndexAny(name, `/\`)+1:])
	if strings.Trim(name, ". ") == "" {
		return "file"
	}
	return name
}

// printable removes control characters and what is not UTF-8.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// checkText refuses what cannot be text, in the field of a name that may be
// none itself.
func checkText(name, s string) error {
	switch {
	case !utf8.ValidString(s):
		return fault.Field(fault.Invalid, Clip(printable(name)), "is not valid UTF-8")
	case strings.ContainsRune(s, 0):
		return fault.Field(fault.Invalid, Clip(printable(name)), "has a NUL character")
	}
	return nil
}

func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
