package latchkey

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/http"
	"strconv"

	"latchkey/shared/account"
	"latchkey/shared/dialect"
	"latchkey/shared/fault"
	"latchkey/shared/file"
)

// newFile is a file to be made: announced, or with its content.
type newFile struct {
	file.New
	once   dialect.Once
	direct bool
	body   []byte // if direct
}

func readNewFile(r *http.Request) (newFile, error) {
	if mt, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); mt == "multipart/form-data" {
		if err != nil || params["boundary"] == "" {
			return newFile{}, fault.New(fault.Malformed, "the Content-Type of a form needs a boundary")
		}
		return readForm(r, params["boundary"])
	}
	o, key, err := readPost(r)
	if err != nil {
		return newFile{}, err
	}
	n, err := announced(o)
	return newFile{New: n, once: key}, err
}

func announced(o dialect.Object) (n file.New, err error) {
	if err := unknown(o, "", "name", "content_type", "size", "sha256", "kind", "assets", "parts"); err != nil {
		return n, err
	}
	var kind, sum string
	for name, to := range map[string]*string{"name": &n.Name, "content_type": &n.ContentType, "kind": &kind, "sha256": &sum} {
		if *to, _, err = o.String(name, name); err != nil {
			return n, err
		}
	}
	if n.Size, _, err = o.Int("size", "size"); err != nil {
		return n, err
	}
	assets, err := texts(o, "assets")
	if err != nil {
		return n, err
	}
	if assets != nil {
		n.Assets = *assets
	}
	n.Kind, n.SHA256 = file.Kind(kind), checksum(sum)
	n.Parts, err = boolean(o, "parts", "parts")
	return n, err
}

// checksum takes a SHA-256 in hexadecimal too, as sha256sum prints it, and
// returns it in base64, as S3 and the domain have it.
func checksum(s string) string {
	if b, err := hex.DecodeString(s); err == nil && len(b) == 32 {
		return base64.StdEncoding.EncodeToString(b)
	}
	return s
}

func (a API) createFile(ctx context.Context, who account.Principal, n newFile) (file.Upload, error) {
	n.Once = n.once.By(who.User)
	if !n.direct {
		return a.Files.Create(ctx, who, n.New)
	}
	f, err := a.Files.CreateWithBody(ctx, who, n.New, n.body)
	return file.Upload{File: f}, blame("file", err, fault.TooLarge)
}

// uploadAnswer is a file and what is left to upload of it.
type uploadAnswer struct {
	File   fileJSON    `json:"file"`
	Upload *uploadJSON `json:"upload,omitempty"`
}

func (a API) writeUpload(status int) func(*http.Request, file.Upload) (dialect.Response, error) {
	return func(r *http.Request, u file.Upload) (dialect.Response, error) {
		res, err := dialect.JSON(status, uploadAnswer{fileOf(u.File), uploadOf(u, dialect.Origin(a.Origin, r))})
		if err == nil && status == http.StatusCreated {
			res.Header.Set("Location", "/api/v1/files/"+u.File.ID)
		}
		return res, err
	}
}

// paged is one page of a list.
type paged[T any] struct {
	items []T
	next  string // cursor, or ""
}

func (a API) listFiles(ctx context.Context, who account.Principal, p file.Page) (paged[file.File], error) {
	files, next, err := a.Files.List(ctx, who, p)
	return paged[file.File]{files, next}, err
}

func writeFiles(r *http.Request, p paged[file.File]) (dialect.Response, error) {
	res, err := dialect.JSON(http.StatusOK, struct {
		Files []fileJSON `json:"files"`
		Next  *string    `json:"next_cursor"`
	}{each(p.items, fileOf), dialect.OrNull(p.next)})
	nextPage(res.Header, r, p.next)
	return res, err
}

func writeFile(_ *http.Request, f file.File) (dialect.Response, error) {
	return dialect.JSON(http.StatusOK, fileOf(f))
}

func (a API) deleteFile(ctx context.Context, who account.Principal, id string) (struct{}, error) {
	return struct{}{}, a.Files.Delete(ctx, who, id)
}

// after asks for the parts of a file after a number.
type after struct {
	id    string
	after int
}

func readAfter(r *http.Request) (after, error) {
	q, err := query(r, "after")
	if err != nil {
		return after{}, err
	}
	n, err := number(q, "after", 0, 0, file.MaxParts-1)
	return after{r.PathValue("id"), n}, err
}

func (a API) parts(ctx context.Context, who account.Principal, q after) (file.Upload, error) {
	return a.Files.Parts(ctx, who, q.id, q.after)
}

// complete ends an upload in parts. It needs no Once: done again, it answers
// the same.
type complete struct {
	id    string
	parts []file.Part
}

func readComplete(r *http.Request) (complete, error) {
	c := complete{id: r.PathValue("id")}
	o, _, err := readPost(r)
	if err != nil {
		return c, err
	}
	if err := unknown(o, "", "parts"); err != nil {
		return c, err
	}
	list, _, err := o.Array("parts", "parts")
	if err != nil {
		return c, err
	}
	for i, v := range list {
		p, err := readPart(v, "parts["+strconv.Itoa(i)+"]")
		if err != nil {
			return c, err
		}
		c.parts = append(c.parts, p)
	}
	return c, nil
}

func readPart(v any, path string) (p file.Part, err error) {
	o, ok := v.(dialect.Object)
	if !ok {
		return p, fault.Field(fault.Invalid, path, "must be an object")
	}
	if err := unknown(o, path+".", "number", "etag"); err != nil {
		return p, err
	}
	n, ok, err := o.Int("number", path+".number")
	if err != nil {
		return p, err
	}
	if !ok {
		return p, dialect.Missing(path + ".number")
	}
	if n < 1 || n > file.MaxParts {
		return p, fault.Field(fault.Invalid, path+".number", "must be from 1 to %d", file.MaxParts)
	}
	etag, ok, err := o.String("etag", path+".etag")
	if err != nil {
		return p, err
	}
	if !ok {
		return p, dialect.Missing(path + ".etag")
	}
	if !dialect.Visible(etag) {
		return p, fault.Field(fault.Invalid, path+".etag", "must be what S3 answered in the header ETag")
	}
	return file.Part{Number: int(n), ETag: etag}, nil
}

func (a API) complete(ctx context.Context, who account.Principal, c complete) (file.File, error) {
	f, err := a.Files.Complete(ctx, who, c.id, c.parts)
	return f, blame("parts", err, fault.Invalid)
}
