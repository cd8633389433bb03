package scriptix

import (
	"net/http"

	"latchkey/shared/dialect"
	"latchkey/shared/recording"
)

// commentJSON has names of our own: the published texts delete comments and
// say no more of them.
type commentJSON struct {
	ID           string   `json:"id"`
	Timecode     *float64 `json:"timecode"` // seconds; null on the whole document
	Author       string   `json:"author"`
	Text         string   `json:"text"`
	Resolved     bool     `json:"resolved"`
	Created      string   `json:"created"`
	LastModified string   `json:"last_modified"`
}

func commentOf(c recording.Comment) commentJSON {
	out := commentJSON{
		ID: commentPrefix + c.ID, Author: c.Author, Text: c.Text, Resolved: c.Resolved,
		Created: stamp(c.CreatedAt), LastModified: stamp(c.UpdatedAt),
	}
	if c.At >= 0 {
		at := seconds(c.At)
		out.Timecode = &at
	}
	return out
}

// comments lists what is said of the whole document, then the rest by time.
func (a API) comments(r *http.Request, to recording.Access, p page) (dialect.Response, error) {
	all, err := a.Recordings.Comments(r.Context(), to)
	if err != nil {
		return dialect.Response{}, err
	}
	from := min(p.offset, len(all))
	out := []commentJSON{}
	for _, c := range all[from:min(from+p.limit, len(all))] {
		out = append(out, commentOf(c))
	}
	return dialect.JSON(http.StatusOK, envelope{len(out), len(all), out})
}

// maxCommentBody holds the longest comment, every character of it escaped.
const maxCommentBody = 1 << 16

func changeOf(o dialect.Object) (c recording.CommentChange, err error) {
	if c.Text, err = text(o, "text"); err != nil {
		return c, err
	}
	if c.Author, err = text(o, "author"); err != nil {
		return c, err
	}
	if c.Resolved, err = looseFlag(o, "resolved"); err != nil {
		return c, err
	}
	c.At, err = timecode(o)
	return c, err
}

// timecode reads a time in seconds; null is the whole document.
func timecode(o dialect.Object) (*int64, error) {
	v, there := o["timecode"]
	if !there {
		return nil, nil
	}
	at, err := int64(-1), error(nil)
	if v != nil {
		at, err = reader{1000}.moment(v, "timecode")
	}
	return &at, err
}

type newComment struct {
	recording.CommentChange
	once dialect.Once
}

func readNewComment(r *http.Request) (n newComment, err error) {
	o, once, err := dialect.ReadPost(r, maxCommentBody)
	if err != nil {
		return n, err
	}
	n.once = once
	n.CommentChange, err = changeOf(o)
	return n, err
}

func (a API) addComment(r *http.Request, to recording.Access, n newComment) (dialect.Response, error) {
	c, err := a.Recordings.AddComment(r.Context(), to, n.CommentChange, n.once.By(to.By()))
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.JSON(http.StatusCreated, envelope{1, 1, commentOf(c)})
}

type changedComment struct {
	recording.CommentChange
	id string
}

func readChangedComment(r *http.Request) (c changedComment, err error) {
	if c.id, err = readCommentID(r); err != nil {
		return c, err
	}
	o, _, err := dialect.ReadPost(r, maxCommentBody)
	if err != nil {
		return c, err
	}
	c.CommentChange, err = changeOf(o)
	return c, err
}

func (a API) changeComment(r *http.Request, to recording.Access, c changedComment) (dialect.Response, error) {
	now, err := a.Recordings.ChangeComment(r.Context(), to, c.id, c.CommentChange)
	if err != nil {
		return dialect.Response{}, err
	}
	return dialect.JSON(http.StatusOK, envelope{1, 1, commentOf(now)})
}

func readCommentID(r *http.Request) (string, error) {
	return bare(r.PathValue("comment"), commentPrefix, commentLength)
}

func (a API) deleteComment(r *http.Request, to recording.Access, id string) (dialect.Response, error) {
	if err := a.Recordings.DeleteComment(r.Context(), to, id); err != nil {
		return dialect.Response{}, err
	}
	return deleted()
}
