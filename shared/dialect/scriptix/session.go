package scriptix

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
)

// sessionJSON has the settings' names of our own, but for
// allow_magic_link_export: no other is published.
type sessionJSON struct {
	ID           string   `json:"session_id"`
	Name         string   `json:"name"`
	Language     string   `json:"language"`
	Status       string   `json:"status"`
	Error        *string  `json:"error"`
	Mode         string   `json:"session_mode"`
	FolderID     *string  `json:"folder_id"`
	Type         string   `json:"document_type"`
	Documents    int64    `json:"document_count"`
	Duration     *float64 `json:"duration"` // seconds
	MediaType    *string  `json:"media_type"`
	MediaSource  *string  `json:"media_source"`
	KeepSource   bool     `json:"keep_source"`
	Diarization  bool     `json:"diarization"`
	Punctuation  bool     `json:"punctuation"`
	Multichannel bool     `json:"multichannel"`
	settingsJSON
	Created      string `json:"created"`
	LastModified string `json:"last_modified"`
}

type settingsJSON struct {
	Share    bool   `json:"allow_magic_link"`
	Edit     bool   `json:"allow_magic_link_edit"`
	Export   bool   `json:"allow_magic_link_export"`
	Comments bool   `json:"allow_magic_link_comments"`
	Life     *int64 `json:"magic_link_expires_in"` // seconds; null for never
}

// statuses are the API's words.
var statuses = map[recording.Status]string{
	recording.New: "new", recording.Created: "created", recording.Preparing: "queued",
	recording.Transcribing: "processing", recording.Aligning: "processing",
	recording.Completed: "done", recording.Failed: "error", recording.Blocked: "error",
}

func modeOf(r recording.Recording) string {
	if r.Align {
		return "align"
	}
	return "transcribe"
}

// mediaTypeOf is "audio" or "video", or nil while there is neither.
func mediaTypeOf(r recording.Recording) *string {
	switch {
	case !r.HasMedia():
		return nil
	case r.Video:
		return dialect.OrNull("video")
	}
	return dialect.OrNull("audio")
}

func sessionOf(r recording.Recording) sessionJSON {
	return sessionJSON{
		ID: sessionPrefix + r.ID, Name: r.Name, Language: r.Language, Status: statuses[r.Status], Error: dialect.OrNull(r.Reason), Mode: modeOf(r),
		FolderID: dialect.OrNull(r.FolderID), Type: string(r.DocumentType), Documents: r.Documents, Duration: dialect.OrNull(seconds(r.Duration)), MediaType: mediaTypeOf(r),
		MediaSource: dialect.OrNull(r.Source), KeepSource: r.KeepSource, Diarization: r.Diarization, Punctuation: r.Punctuation, Multichannel: r.Multichannel,
		settingsJSON: settingsJSON{r.Settings.Share, r.Settings.Edit, r.Settings.Export, r.Settings.Comments, dialect.OrNull(int64(r.Settings.LinkLife / time.Second))},
		Created:      stamp(r.CreatedAt), LastModified: stamp(r.UpdatedAt),
	}
}

// createdSession is what POST answers.
type createdSession struct {
	ID     string `json:"session_id"`
	Status string `json:"status"`
	Mode   string `json:"session_mode,omitempty"`
}

func (a API) createSession(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	n, once, err := readSession(r)
	if err != nil {
		return dialect.Response{}, err
	}
	n.Once = once.By(who.User)
	made, err := a.Recordings.Create(r.Context(), who, n)
	if err != nil {
		return dialect.Response{}, sessionOnWire(err)
	}
	out := createdSession{ID: sessionPrefix + made.ID, Status: statuses[made.Status]}
	if made.Align {
		out.Mode = modeOf(made)
	}
	return dialect.JSON(http.StatusCreated, envelope{1, 1, out})
}

// sessionOnWire gives the domain's fields their names in this API.
func sessionOnWire(err error) error {
	names := map[string]string{"source": "media_source", "link_life": "magic_link_expires_in", "document_type": "document.document_type"}
	switch e := fault.As(err); {
	case e == nil:
	case names[e.Field] != "":
		return fault.Field(e.Kind, names[e.Field], "%s", e.Message)
	case e.Kind == fault.NotFound && e.Field == "folder_id":
		return errNoFolder("folder_id") // of the body, and not of the path
	}
	return err
}

func readSession(r *http.Request) (n recording.NewRecording, once dialect.Once, err error) {
	o, once, err := dialect.ReadPost(r, maxSessionBody)
	if err != nil {
		return n, once, err
	}
	for name, to := range map[string]*string{"language": &n.Language, "media_source": &n.Source, "name": &n.Name} {
		if *to, _, err = o.String(name, name); err != nil {
			return n, once, err
		}
	}
	for name, to := range map[string]*bool{
		"keep_source": &n.KeepSource, "diarization": &n.Diarization, "punctuation": &n.Punctuation, "multichannel": &n.Multichannel,
	} {
		v, err := looseFlag(o, name)
		if err != nil {
			return n, once, err
		}
		*to = v != nil && *v || v == nil && name == "punctuation"
	}
	if n.Align, err = readMode(o); err != nil {
		return n, once, err
	}
	folder, err := folderID(o, "folder_id")
	if err := cmp.Or(err, noWebhook(o)); err != nil {
		return n, once, err
	}
	if folder != nil {
		n.FolderID = *folder
	}
	return n, once, readFirst(o, &n)
}

// maxSessionBody holds what a session is made with, which is no content.
const maxSessionBody = 1 << 16

func readMode(o dialect.Object) (align bool, err error) {
	switch mode, _, err := o.String("session_mode", "session_mode"); {
	case err != nil:
		return false, err
	case mode == "align":
		return true, nil
	case mode != "" && mode != "transcribe":
		return false, fault.Field(fault.Invalid, "session_mode", `must be "align" or "transcribe"`)
	}
	return false, nil
}

// readFirst reads what the session's first document will be.
func readFirst(o dialect.Object, n *recording.NewRecording) error {
	d, ok, err := o.Object("document", "document")
	if err != nil || !ok {
		return err
	}
	word, _, err := d.String("document_type", "document.document_type")
	if err != nil {
		return err
	}
	n.DocumentType = recording.Type(word)
	name, _, err := d.String("filename", "document.filename")
	if n.Name == "" {
		n.Name = name
	}
	return err
}

func (a API) listSessions(r *http.Request) (dialect.Response, error) {
	who, err := a.who(r)
	if err != nil {
		return dialect.Response{}, err
	}
	q, err := readList(r)
	if err != nil {
		return dialect.Response{}, err
	}
	found, total, err := a.Recordings.List(r.Context(), who, q)
	if err != nil {
		return dialect.Response{}, err
	}
	out := make([]sessionJSON, len(found))
	for i, rec := range found {
		out[i] = sessionOf(rec)
	}
	return dialect.JSON(http.StatusOK, envelope{len(out), total, out})
}

const maxSearch = 200 // bytes

func readList(r *http.Request) (out recording.Query, err error) {
	q, err := query(r)
	if err != nil {
		return out, err
	}
	p, err := pageOf(q)
	if err != nil {
		return out, err
	}
	if out.Sort, err = choice(q, "sort", "created_at", "created", "updated_at", "last_modified", "name", "filename", "duration", "status"); err != nil {
		return out, err
	}
	if same, ok := map[string]string{"created": "created_at", "last_modified": "updated_at", "filename": "name"}[out.Sort]; ok {
		out.Sort = same
	}
	direction, err := choice(q, "direction", "desc", "asc")
	if err != nil {
		return out, err
	}
	if q.Has("folder_id") {
		id := q.Get("folder_id")
		out.Folder = &id
	}
	out.Search, err = search(q)
	out.Ascending, out.Offset, out.Limit = direction == "asc", p.offset, p.limit
	return out, err
}

func search(q url.Values) (string, error) {
	if s := q.Get("q"); len(s) <= maxSearch {
		return s, nil
	}
	return "", fault.Field(badParameter, "q", "is longer than %d bytes", maxSearch)
}

func (a API) getSession(_ *http.Request, to recording.Access, _ struct{}) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, envelope{1, 1, sessionOf(to.Recording)})
}

func (a API) updateSession(r *http.Request, to recording.Access, c recording.Change) (dialect.Response, error) {
	now, err := a.Recordings.Update(r.Context(), to, c)
	if err != nil {
		return dialect.Response{}, sessionOnWire(err)
	}
	return dialect.JSON(http.StatusOK, envelope{1, 1, sessionOf(now)})
}

func readChangedSession(r *http.Request) (c recording.Change, err error) {
	o, err := readBody(r)
	if err != nil {
		return c, err
	}
	for name, to := range map[string]**string{"name": &c.Name, "language": &c.Language} {
		if *to, err = text(o, name); err != nil {
			return c, err
		}
	}
	for name, to := range map[string]**bool{
		"allow_magic_link": &c.Share, "allow_magic_link_edit": &c.Edit, "allow_magic_link_export": &c.Export, "allow_magic_link_comments": &c.Comments,
	} {
		if *to, err = looseFlag(o, name); err != nil {
			return c, err
		}
	}
	if c.FolderID, err = folderID(o, "folder_id"); err != nil {
		return c, err
	}
	c.LinkLife, err = readLife(o)
	return c, err
}

// readLife reads a link's life: null is for ever.
func readLife(o dialect.Object) (*time.Duration, error) {
	const name = "magic_link_expires_in"
	v, there := o[name]
	if !there {
		return nil, nil
	}
	var life time.Duration
	if v != nil {
		n, _ := v.(json.Number)
		s, err := strconv.ParseInt(n.String(), 10, 64)
		if most := int64(recording.MaxLinkLife / time.Second); err != nil || s < 1 || s > most {
			return nil, fault.Field(fault.Invalid, name, "must be a number of seconds from 1 to %d, or null", most)
		}
		life = time.Duration(s) * time.Second
	}
	return &life, nil
}
