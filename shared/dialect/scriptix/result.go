package scriptix

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"latchkey/shared/dialect"
	"latchkey/shared/recording"
)

// resultJSON is the older form of a transcript: words as arrays of text,
// start, end and confidence.
type resultJSON struct {
	sessionResult
	Results []saidJSON `json:"results"`
}

type sessionResult struct {
	ID        string   `json:"session_id"`
	Status    string   `json:"status"`
	Error     *string  `json:"error"`
	Filename  string   `json:"filename"`
	Duration  *float64 `json:"duration"`
	MediaType *string  `json:"media_type"`
	MediaURL  *string  `json:"media_url"`
}

type saidJSON struct {
	Result     [][4]any `json:"result"`
	Speaker    string   `json:"speaker"`
	Text       string   `json:"text"`
	Confidence float64  `json:"sconf"`
	Channel    int      `json:"channel"`
}

// result answers with what the session's first document says now.
func (a API) result(r *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	documents, err := a.Recordings.Documents(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	rec := to.Recording
	out := resultJSON{Results: []saidJSON{}, sessionResult: sessionResult{
		ID: sessionPrefix + rec.ID, Status: statuses[rec.Status], Error: dialect.OrNull(rec.Reason), Filename: rec.Name,
		Duration: dialect.OrNull(seconds(rec.Duration)), MediaType: mediaTypeOf(rec),
	}}
	if len(documents) > 0 {
		to.Document = documents[0]
		if rec.HasMedia() {
			out.MediaURL = dialect.OrNull(dialect.Origin(a.Origin, r) + ownPath(documents[0]) + "?format=" + media)
		}
		d, err := a.Recordings.Reread(r.Context(), to)
		if err != nil {
			return dialect.Response{}, err
		}
		out.Results = saidOf(d)
	}
	return dialect.JSON(http.StatusOK, envelope{1, 1, out})
}

// ownPath is where owners find a document.
func ownPath(d recording.Document) string {
	return "/api/v3/speech-to-text/session/" + sessionPrefix + d.Recording + "/document/" + documentPrefix + d.ID
}

// sharedJSON is what a recipient sees of a session: no more than concerns the
// one document that the link opens.
type sharedJSON struct {
	ID        string   `json:"session_id"`
	Name      string   `json:"name"`
	Language  string   `json:"language"`
	Status    string   `json:"status"`
	Duration  *float64 `json:"duration"`
	MediaType *string  `json:"media_type"`
	settingsJSON
	Documents []documentJSON `json:"documents"`
}

func (a API) sharedSession(r *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	rec := to.Recording
	out := sharedJSON{
		ID: sessionPrefix + rec.ID, Name: rec.Name, Language: rec.Language, Status: statuses[rec.Status],
		Duration: dialect.OrNull(seconds(rec.Duration)), MediaType: mediaTypeOf(rec),
		settingsJSON: settingsJSON{true, to.Edit, to.Export, to.Comment, dialect.OrNull(int64(to.Share.LinkLife / time.Second))},
		Documents:    []documentJSON{documentOf(to.Document)},
	}
	return dialect.JSON(http.StatusOK, envelope{1, 1, out})
}

func saidOf(d recording.Read) []saidJSON {
	out := make([]saidJSON, len(d.Transcript.Segments))
	for i, s := range d.Transcript.Segments {
		said := saidJSON{Result: make([][4]any, len(s.Words)), Speaker: cmp.Or(s.Speaker, "unk"), Text: strings.TrimSpace(s.Text())}
		for j, w := range s.Words {
			said.Result[j] = [4]any{strings.TrimSpace(w.Text), w.Start, w.End, w.Confidence}
			said.Confidence += w.Confidence / float64(len(s.Words))
		}
		out[i] = said
	}
	return out
}
