package scriptix

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"time"

	"latchkey/shared/dialect"
	"latchkey/shared/disposition"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
	"latchkey/shared/transcript/export"
)

// media is the format that is no transcript but what was recorded.
const media = "media"

// formats are what a document can be read as, the first of them its view.
var formats = []string{"json", "srt", "vtt", "sbv", "ttml", "stl", "docx", "pdf", "txt", "html", media}

// wanted is what a GET of a document asks for.
type wanted struct {
	format  string
	direct  bool // tell where it is instead of sending it
	options transcript.Options
}

// view reports whether it is the document itself that is wanted, which the
// right to read allows.
func (w wanted) view() bool { return w.format == formats[0] && !w.direct }

func readWanted(r *http.Request) (w wanted, err error) {
	q, err := query(r)
	if err != nil {
		return w, err
	}
	if w.format, err = choice(q, "format", formats...); err != nil {
		return w, err
	}
	for name, to := range map[string]*bool{
		"direct_download": &w.direct, "without_timestamps": &w.options.WithoutTimestamps, "without_speakers": &w.options.WithoutSpeakers,
	} {
		word, err := choice(q, name, "false", "true", "False", "True", "0", "1")
		if err != nil {
			return w, err
		}
		*to = word == "1" || strings.EqualFold(word, "true")
	}
	// There are no templates to choose from.
	_, err = number(q, "template_id", 0, 0, 1<<31-1)
	return w, err
}

// get reads a document, or exports it. HEAD is no opening, and no export.
func (a API) get(r *http.Request, to recording.Access, w wanted) (dialect.Response, error) {
	if !w.view() {
		if err := to.Exportable(); err != nil {
			return dialect.Response{}, err
		}
	}
	switch {
	case w.format == media:
		return a.download(r, to)
	case w.direct:
		return a.tell(r, to, w)
	case unchanged(r, to.Document.Version):
		return dialect.Response{Status: http.StatusNotModified, Header: http.Header{"Etag": {etag(to.Document.Version)}}}, nil
	case !w.view():
		return a.export(r, to, w)
	case r.Method == http.MethodHead:
		return write(to.Document, nil)
	}
	d, err := a.Recordings.Read(r.Context(), to)
	res, err := written(d, err)
	if err == nil && r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.URL.Query().Has("format") {
		// A page's button saves it, like every other format, and leaves no token in the address bar.
		res.Header.Set("Content-Disposition", disposition.Header("attachment", filename(d.Document, transcript.JSON)))
	}
	return res, err
}

// download leads to the session's media, to be saved.
func (a API) download(r *http.Request, to recording.Access) (dialect.Response, error) {
	res, err := a.lead(r, to, true)
	if err != nil || r.Method == http.MethodHead {
		return res, err
	}
	return res, a.Recordings.Exported(r.Context(), to, media)
}

// export sends the document in another format.
func (a API) export(r *http.Request, to recording.Access, w wanted) (dialect.Response, error) {
	f := transcript.Format(w.format)
	res := dialect.Response{Status: http.StatusOK, Header: http.Header{
		"Content-Type":        {export.ContentType(f)},
		"Content-Disposition": {disposition.Header("attachment", filename(to.Document, f))},
		// A page of HTML that is opened all the same runs nothing and loads nothing.
		"Content-Security-Policy": {"sandbox; default-src 'none'; style-src 'unsafe-inline'"},
		"Etag":                    {etag(to.Document.Version)},
	}}
	if r.Method == http.MethodHead {
		return res, nil
	}
	if err := a.Recordings.Exported(r.Context(), to, w.format); err != nil {
		return dialect.Response{}, err
	}
	d, err := a.Recordings.Reread(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	res.Header.Set("ETag", etag(d.Version)) // somebody may have edited it meanwhile
	res.Body, err = encode(d, w)
	return res, err
}

func encode(d recording.Read, w wanted) ([]byte, error) {
	if w.format == formats[0] {
		res, err := written(d, nil)
		return res.Body, err
	}
	var out bytes.Buffer
	o := w.options
	o.Title, o.Language, o.Offset = d.Filename, d.Language, d.Offset()
	err := export.Write(&out, transcript.Format(w.format), d.Transcript, o)
	return out.Bytes(), err
}

func filename(d recording.Document, f transcript.Format) string {
	extension := "." + export.Extension(f)
	return disposition.FileName(strings.TrimSuffix(d.Filename, extension) + extension)
}

// downloadLife is for how long an address of direct_download works, at most.
const downloadLife = time.Hour

type downloadJSON struct {
	URL         string `json:"download_url"`
	ExpiresIn   int    `json:"expires_in"` // seconds
	Filename    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int    `json:"size_bytes"`
}

// tell answers where an export is, and what. Its address is this route's
// own: whoever follows it is asked for the same right again.
func (a API) tell(r *http.Request, to recording.Access, w wanted) (dialect.Response, error) {
	d, err := a.Recordings.Reread(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	body, err := encode(d, w)
	if err != nil {
		return dialect.Response{}, err
	}
	q := r.URL.Query()
	q.Del("direct_download")
	address := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
	f := transcript.Format(w.format)
	return dialect.JSON(http.StatusOK, map[string]downloadJSON{"result": {
		URL: dialect.Origin(a.Origin, r) + address.String(), ExpiresIn: int(downloadLife.Seconds()),
		Filename: filename(d.Document, f), ContentType: export.ContentType(f), Size: len(body),
	}})
}
