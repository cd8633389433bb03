package scriptix

import (
	"net/http"
	"time"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/transcript"
)

// stampForm is a moment on the wire: UTC, with milliseconds.
const stampForm = "2006-01-02T15:04:05.000Z"

// envelope is around a list, or a single object.
type envelope struct {
	Count  int `json:"count"`
	Total  int `json:"total_results"`
	Result any `json:"result"`
}

type documentJSON struct {
	ID           string       `json:"id"`
	SessionID    string       `json:"session_id"`
	Filename     string       `json:"filename"`
	Type         string       `json:"type"`
	Language     string       `json:"language"`
	Created      string       `json:"created"`
	LastModified string       `json:"last_modified"`
	Finished     bool         `json:"finished"`
	Share        bool         `json:"allow_magic_link"` // a name of our own
	Offset       string       `json:"timecode_offset"`
	ContentType  string       `json:"content_type"`
	Size         int64        `json:"size_bytes"`
	Document     *contentJSON `json:"document,omitempty"`
}

type contentJSON struct {
	Type     string         `json:"document_type"`
	Metadata map[string]any `json:"metadata"`
	Content  struct {
		Segments []segmentJSON `json:"segments"`
	} `json:"content"`
}

// segmentJSON has its times in seconds, like its words.
type segmentJSON struct {
	Speaker string     `json:"speaker"`
	Start   float64    `json:"start"`
	Stop    float64    `json:"stop"`
	Text    string     `json:"text"`
	Words   []wordJSON `json:"words"`
}

type wordJSON struct {
	Text          string  `json:"text"` // with the white space before it
	Start         float64 `json:"start"`
	End           float64 `json:"end"`
	Confidence    float64 `json:"confidence"`
	Highlight     string  `json:"highlight,omitempty"`
	Strikethrough bool    `json:"strikethrough,omitempty"`
}

func seconds(ms int64) float64 { return float64(ms) / 1000 }

func contentOf(r recording.Read) *contentJSON {
	c := &contentJSON{Type: string(r.Type), Metadata: map[string]any{"language": r.Language}}
	c.Content.Segments = make([]segmentJSON, len(r.Transcript.Segments))
	for i, s := range r.Transcript.Segments {
		c.Content.Segments[i] = segmentJSON{s.Speaker, seconds(s.Start), seconds(s.End), s.Text(), wordsOf(s.Words)}
	}
	return c
}

func wordsOf(words []transcript.Word) []wordJSON {
	out := make([]wordJSON, len(words))
	for i, w := range words {
		out[i] = wordJSON{w.Text, seconds(w.Start), seconds(w.End), w.Confidence, w.Highlight, w.Strikethrough}
	}
	return out
}

func documentOf(d recording.Document) documentJSON {
	return documentJSON{
		ID: documentPrefix + d.ID, SessionID: sessionPrefix + d.Recording, Filename: d.Filename, Type: string(d.Type), Language: d.Language,
		Created: stamp(d.CreatedAt), LastModified: stamp(d.ModifiedAt), Finished: d.Finished, Share: !d.NoSharing,
		Offset: d.TimecodeOffset, ContentType: "application/json", Size: d.Size,
	}
}

func stamp(t time.Time) string { return t.UTC().Format(stampForm) }

// write answers with a document, its tag, and its content if there is any.
func write(d recording.Document, content *contentJSON) (dialect.Response, error) {
	out := documentOf(d)
	out.Document = content
	res, err := dialect.JSON(http.StatusOK, envelope{1, 1, out})
	if err == nil {
		res.Header.Set("ETag", etag(d.Version))
	}
	return res, err
}

func written(d recording.Read, err error) (dialect.Response, error) {
	if err != nil {
		return dialect.Response{}, err
	}
	return write(d.Document, contentOf(d))
}

func (a API) clearText(r *http.Request, to recording.Access, version int64) (dialect.Response, error) {
	return written(a.Recordings.ClearText(r.Context(), to, version))
}

func (a API) reset(r *http.Request, to recording.Access, version int64) (dialect.Response, error) {
	return written(a.Recordings.Reset(r.Context(), to, version))
}

func (a API) finish(r *http.Request, to recording.Access, version int64) (dialect.Response, error) {
	d, err := a.Recordings.Finish(r.Context(), to, true, version)
	if err != nil {
		return dialect.Response{}, err
	}
	return write(d, nil)
}

type status struct {
	finished bool
	version  int64
}

// readStatus reads ?status=. PUT, the older form, may leave it out for false.
func readStatus(r *http.Request) (s status, err error) {
	q, err := query(r)
	if err != nil {
		return s, err
	}
	if r.Method == http.MethodPost && !q.Has("status") {
		return s, fault.Field(badParameter, "status", "is missing")
	}
	word, err := choice(q, "status", "false", "true")
	if err != nil {
		return s, err
	}
	s.version, err = ifMatch(r)
	s.finished = word == "true"
	return s, err
}

// setFinished answers the older PUT without a body, as its text says.
func (a API) setFinished(r *http.Request, to recording.Access, s status) (dialect.Response, error) {
	d, err := a.Recordings.Finish(r.Context(), to, s.finished, s.version)
	if err != nil {
		return dialect.Response{}, err
	}
	if r.Method == http.MethodPut {
		return deleted()
	}
	return write(d, nil)
}

func (a API) deleteSession(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	session, _, err := pathIDs(r)
	if err == nil {
		err = a.Recordings.Delete(r.Context(), who, session)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return deleted()
}

func (a API) deleteDocument(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	session, document, err := pathIDs(r)
	if err == nil {
		err = a.Recordings.DeleteDocument(r.Context(), who, session, document)
	}
	if err != nil {
		return dialect.Response{}, err
	}
	return deleted()
}
