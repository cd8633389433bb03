package sonix

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/recording"
	"latchkey/shared/share"
)

// mediaJSON is a media on every route: all that the text's samples show.
type mediaJSON struct {
	ID            string          `json:"id"`
	Name          string          `json:"name"`
	Duration      *float64        `json:"duration"` // seconds; null until it is known, as is video
	Language      string          `json:"language"`
	Video         *bool           `json:"video"`
	Status        string          `json:"status"`
	FailureReason *string         `json:"failure_reason"`
	CreatedAt     int64           `json:"created_at"` // Unix seconds
	UpdatedAt     int64           `json:"updated_at"`
	PublicURL     *string         `json:"public_url"`
	CustomData    json.RawMessage `json:"custom_data"`
	CustomLabel   *string         `json:"custom_label"`
	Folder        *folderRef      `json:"folder"` // null at home
	QualityScore  *string         `json:"quality_score"`
}

type folderRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// states are the API's words.
var states = map[recording.Status]string{
	recording.New: "preparing", recording.Created: "preparing", recording.Preparing: "preparing",
	recording.Transcribing: "transcribing", recording.Aligning: "aligning", recording.Completed: "completed",
	recording.Failed: "failed", recording.Blocked: "blocked",
}

// mediaOf shows recordings, with the folders and public links that they have.
func (a API) mediaOf(c call, list ...recording.Recording) ([]mediaJSON, error) {
	tokens, err := a.Recordings.PublicTokens(c.Context(), list...)
	if err != nil {
		return nil, err
	}
	var t recording.Tree
	if slices.ContainsFunc(list, func(r recording.Recording) bool { return r.FolderID != "" }) {
		if t, err = a.Recordings.Folders(c.Context(), c.who); err != nil {
			return nil, err
		}
	}
	out := make([]mediaJSON, len(list))
	for i, r := range list {
		out[i] = MediaOf(r, t, dialect.Origin(a.Origin, c.Request), tokens[r.ID])
	}
	return out, nil
}

// MediaOf is how a recording looks: what a callback tells, too. token is of
// the link by which anybody reads it, or "".
func MediaOf(r recording.Recording, t recording.Tree, origin, token string) mediaJSON {
	m := mediaJSON{
		ID: r.ID, Name: r.Name, Language: r.Language, Status: states[r.Status], FailureReason: dialect.OrNull(r.Reason),
		Duration: dialect.OrNull(float64(r.Duration) / 1000), CreatedAt: r.CreatedAt.Unix(), UpdatedAt: r.UpdatedAt.Unix(),
		CustomData: json.RawMessage(cmp.Or(r.CustomData, "null")), CustomLabel: dialect.OrNull(r.Label),
	}
	if r.HasMedia() {
		m.Video = &r.Video
	}
	if token != "" {
		m.PublicURL = dialect.OrNull(origin + share.RecordingPath(token))
	}
	if i := slices.IndexFunc(t.Folders, func(f recording.Folder) bool { return f.ID == r.FolderID }); i >= 0 {
		m.Folder = &folderRef{r.FolderID, t.Folders[i].Name}
	}
	return m
}

// one answers one media.
func (a API) one(c call, r recording.Recording) (any, error) {
	out, err := a.mediaOf(c, r)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// open opens the path's media to whoever calls.
func (a API) open(c call, op account.Operation) (recording.Access, error) {
	return a.Recordings.Own(c.Context(), c.who, op, c.PathValue("media"), "")
}

// perPage is how many media a page of the list has.
const perPage = 100

func (a API) listMedia(c call) (any, error) {
	q, page, err := c.mediaQuery()
	if err != nil {
		return nil, err
	}
	list, total, err := a.Recordings.List(c.Context(), c.who, q)
	if err != nil {
		return nil, err
	}
	media, err := a.mediaOf(c, list...)
	return struct {
		Media []mediaJSON `json:"media"`
		Page  int64       `json:"page"`
		Pages int         `json:"total_pages"`
	}{media, page, max(1, (total+perPage-1)/perPage)}, err
}

// mediaQuery reads what a list is of. The first page is 0 and 1.
func (c call) mediaQuery() (q recording.Query, page int64, err error) {
	page, ok, err := c.form.Int("page")
	if !ok {
		page = 1
	}
	if err == nil && (page < 0 || page > recording.MaxRecordings) {
		err = fault.Field(fault.Invalid, "page", "must be a number from 0")
	}
	if err != nil {
		return q, 0, err
	}
	q.Limit, q.Offset = perPage, int(max(page, 1)-1)*perPage
	status, folder := "", ""
	if err := c.texts(map[string]*string{"status": &status, "folder_id": &folder, "search": &q.Search}); err != nil {
		return q, 0, err
	}
	if folder != "" {
		q.Folder = dialect.OrNull(folder)
		if folder == rootID {
			q.Folder = new(string)
		}
	}
	if status == "" {
		return q, page, nil
	}
	q.Statuses, ok = statusesOf(status)
	if !ok {
		return q, 0, fault.Field(fault.Invalid, "status", "is not a status of media")
	}
	return q, page, nil
}

// statusesOf are the domain's words for one of the API's. Nothing is ever a
// duplicate here.
func statusesOf(word string) ([]recording.Status, bool) {
	out := []recording.Status{}
	for s, w := range states {
		if w == word {
			out = append(out, s)
		}
	}
	return out, len(out) > 0 || word == "duplicate"
}

func (a API) media(c call) (any, error) {
	to, err := a.open(c, account.ReadRecordings)
	if err != nil {
		return nil, err
	}
	return a.one(c, to.Recording)
}

func (a API) createMedia(c call) (any, error) {
	n, file, err := c.newMedia()
	if err != nil {
		return nil, err
	}
	r, err := a.Recordings.Create(c.Context(), c.who, n)
	if err == nil && file != nil {
		r, err = a.Recordings.PutMedia(c.Context(), c.who, r, file.Body)
	}
	if err != nil {
		return nil, named(err)
	}
	return a.one(c, r)
}

// newMedia reads what media is made of.
func (c call) newMedia() (n recording.NewRecording, file *dialect.File, err error) {
	n.Publish, n.Punctuation = true, true
	if file, err = c.source(&n.Source); err != nil {
		return n, nil, err
	}
	if err := c.texts(map[string]*string{
		"name": &n.Name, "transcript_text": &n.Script, "folder_id": &n.FolderID, "callback_url": &n.Callback,
	}); err != nil {
		return n, nil, err
	}
	if n.FolderID == rootID {
		n.FolderID = ""
	}
	switch {
	case file == nil && n.Source == "":
		return n, nil, fault.Field(fault.Missing, "file", "is missing, and so is file_url: one of them is required")
	case file != nil && n.Name == "":
		n.Name = clipped(file.Name, recording.MaxNameLength)
	}
	if n.Language, err = c.language("language"); err != nil {
		return n, nil, err
	}
	if n.CustomData, err = c.customData(); err != nil {
		return n, nil, err
	}
	h, err := c.hints()
	n.Keywords, n.Speakers, n.Multichannel = h.keywords, h.speakers, h.multitrack
	return n, file, err
}

// source reads the file that is sent, nil if there is none, or where it is to
// be fetched from.
func (c call) source(url *string) (file *dialect.File, err error) {
	if file, err = c.form.File("file"); err != nil {
		return nil, err
	}
	if *url, err = c.text("file_url"); err == nil && file != nil && *url != "" {
		err = fault.Field(fault.Invalid, "file_url", "is given beside file: only one of them can be")
	}
	return file, err
}

// clipped is a text of at most so many characters.
func clipped(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// tellWays adds to the fault of media that is too large how it can come.
func tellWays(err error) error {
	if e := fault.As(err); e == nil || e.Kind != fault.TooLarge || e.Field != "file" {
		return err
	}
	return fault.New(fault.TooLarge, "The file is larger than %d bytes: let it be fetched by file_url, or make a session and PUT the file to its "+
		"presigned URL (POST /api/v3/speech-to-text/session, then …/upload-url)", MaxFile)
}

func (c call) customData() (string, error) {
	o, ok, err := c.form.Object("custom_data")
	if err != nil || !ok {
		return "", err
	}
	b, err := json.Marshal(o)
	if err != nil {
		return "", fault.Wrap(fault.Malformed, err, "custom_data could not be read")
	}
	return string(b), nil
}

// hints are what the engine is told.
type hints struct {
	keywords, speakers []string
	multitrack         bool
}

// hints reads them. The organization's keywords count unless others are given.
func (c call) hints() (h hints, err error) {
	words, ok, err := c.form.String("keywords")
	if err != nil {
		return h, err
	}
	if h.keywords = c.who.Keywords; ok {
		h.keywords = commas(words)
	}
	if h.multitrack, _, err = c.form.Bool("multitrack"); err != nil {
		return h, err
	}
	labels, ok, err := c.form.Array("speaker_labels")
	if err != nil || !ok {
		return h, err
	}
	for i, l := range labels {
		s, ok := l.(string)
		if !ok {
			return h, fault.Field(fault.Invalid, "speaker_labels["+strconv.Itoa(i)+"]", "must be a string")
		}
		h.speakers = append(h.speakers, s)
	}
	if !h.multitrack && len(labels) > 0 { // JSON's null and [] are of no channels
		return h, fault.Field(fault.Invalid, "speaker_labels", "are of channels: multitrack must be true")
	}
	return h, nil
}

func commas(s string) (out []string) {
	for w := range strings.SplitSeq(s, ",") {
		if w = strings.TrimSpace(w); w != "" && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func (a API) changeMedia(c call) (any, error) {
	to, err := a.open(c, account.WriteRecordings)
	if err != nil {
		return nil, err
	}
	var change recording.Change
	for name, p := range map[string]**string{"name": &change.Name, "custom_label": &change.Label, "folder_id": &change.FolderID} {
		if *p, err = c.given(name); err != nil {
			return nil, err
		}
	}
	if change.FolderID != nil && *change.FolderID == rootID {
		change.FolderID = new(string)
	}
	r, err := a.Recordings.Update(c.Context(), to, change)
	if err != nil {
		return nil, named(err)
	}
	return a.one(c, r)
}

func (a API) deleteMedia(c call) (any, error) {
	return deleted(), a.Recordings.Delete(c.Context(), c.who, c.PathValue("media"))
}
