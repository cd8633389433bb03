// Package fake is the outside world for tests: fakes that work, and the
// domain wired over them with a clock that stands still until moved. It
// refuses to be linked into a function: only tests import it.
package fake

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/handover"
	"latchkey/shared/share"
)

// Clock is a time that only Advance moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows now.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now returns what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Rand is randomness that a test can repeat. It is safe for concurrent use.
type Rand struct {
	mu  sync.Mutex
	src *rand.ChaCha8
}

// NewRand returns the randomness of a seed.
func NewRand(seed byte) *Rand { return &Rand{src: rand.NewChaCha8([32]byte{seed})} }

func (r *Rand) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.src.Read(p)
}

// Objects is an S3 in memory. It implements file.Objects.
type Objects struct {
	mu      sync.Mutex
	objects map[string]object
	uploads map[string]map[int][]byte // by key and upload id
}

type object struct {
	body  []byte
	facts file.Object
}

var _ file.Objects = (*Objects)(nil)

// Head implements file.Objects.
func (o *Objects) Head(_ context.Context, key string) (file.Object, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.objects[key]
	if !ok {
		return file.Object{}, fault.New(fault.NotFound, "object not found")
	}
	return obj.facts, nil
}

// Put implements file.Objects.
func (o *Objects) Put(_ context.Context, key string, body []byte, contentType, sha string) error {
	sum := sha256.Sum256(body)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	if sha != "" && sha != digest {
		return fault.New(fault.Invalid, "checksum does not match")
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.objects == nil {
		o.objects = make(map[string]object)
	}
	o.objects[key] = object{
		body:  slices.Clone(body),
		facts: file.Object{Size: int64(len(body)), ContentType: contentType, SHA256: digest, ETag: digest},
	}
	return nil
}

// Body returns an object's bytes, nil if there is none.
func (o *Objects) Body(key string) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.objects[key].body
}

// Peek implements file.Objects.
func (o *Objects) Peek(_ context.Context, key, etag string, offset int64, bytes int) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.objects[key]
	switch {
	case !ok:
		return nil, fault.New(fault.NotFound, "object not found")
	case obj.facts.ETag != etag:
		return nil, fault.New(fault.Conflict, "object was replaced")
	}
	rest := obj.body[min(offset, int64(len(obj.body))):]
	return rest[:min(bytes, len(rest))], nil
}

// Stream implements file.Objects.
func (o *Objects) Stream(ctx context.Context, key string, from io.Reader) error {
	body, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return o.Put(ctx, key, body, "", "")
}

// Copy implements file.Objects.
func (o *Objects) Copy(_ context.Context, from, etag, to string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	obj, ok := o.objects[from]
	switch {
	case !ok:
		return fault.New(fault.NotFound, "object not found")
	case obj.facts.ETag != etag:
		return fault.New(fault.Conflict, "object was replaced")
	}
	o.objects[to] = obj
	return nil
}

// Keys returns the keys of all objects, sorted.
func (o *Objects) Keys() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.objects))
}

// Delete implements file.Objects.
func (o *Objects) Delete(_ context.Context, key string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.objects, key)
	return nil
}

// CreateUpload implements file.Objects.
func (o *Objects) CreateUpload(_ context.Context, key, contentType string) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.uploads == nil {
		o.uploads = make(map[string]map[int][]byte)
	}
	id := fmt.Sprintf("upload-%d", len(o.uploads)+1)
	o.uploads[key+" "+id] = make(map[int][]byte)
	return id, nil
}

// PutPart uploads a part as a holder of its URL would, and returns its ETag.
func (o *Objects) PutPart(key, uploadID string, number int, body []byte) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.uploads[key+" "+uploadID][number] = body
	return fmt.Sprintf(`"etag-%d"`, number)
}

// CompleteUpload implements file.Objects.
func (o *Objects) CompleteUpload(ctx context.Context, key, uploadID string, parts []file.Part) error {
	o.mu.Lock()
	have, ok := o.uploads[key+" "+uploadID]
	var body []byte
	for _, p := range parts {
		part, there := have[p.Number]
		if !there || p.ETag != fmt.Sprintf(`"etag-%d"`, p.Number) {
			o.mu.Unlock()
			return fault.Field(fault.Invalid, "parts", "part %d was not uploaded", p.Number)
		}
		body = append(body, part...)
	}
	delete(o.uploads, key+" "+uploadID)
	o.mu.Unlock()
	if !ok {
		return fault.New(fault.NotFound, "upload not found")
	}
	return o.Put(ctx, key, body, "application/octet-stream", "")
}

// AbortUpload implements file.Objects.
func (o *Objects) AbortUpload(_ context.Context, key, uploadID string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.uploads, key+" "+uploadID)
	return nil
}

// Uploads returns how many uploads in parts are open.
func (o *Objects) Uploads() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.uploads)
}

// Post keeps letters and invitations. Addresses at reject.test are refused, at throttle.test
// put off, at unknown.test taken without an answer. It implements share.Post,
// account.Post and handover.Verdicts.
type Post struct {
	mu          sync.Mutex
	letters     []share.Letter
	invitations []account.Invitation
	verdicts    []handover.Verdict
	// Throttle puts off every letter and sends no invitation while it is true.
	Throttle bool
}

var (
	_ share.Post   = (*Post)(nil)
	_ account.Post = (*Post)(nil)

	_ handover.Verdicts = (*Post)(nil)
)

// Send implements share.Post.
func (p *Post) Send(_ context.Context, letters []share.Letter) []share.Delivery {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]share.Delivery, len(letters))
	for i, l := range letters {
		switch {
		case strings.HasSuffix(l.To, "@reject.test"):
			out[i] = share.Delivery{State: share.MailRejected, Reason: "refused by the mail service"}
		case p.Throttle || strings.HasSuffix(l.To, "@throttle.test"):
			out[i] = share.Delivery{State: share.MailQueued}
		case strings.HasSuffix(l.To, "@unknown.test"):
			out[i] = share.Delivery{State: share.MailUnknown, Reason: "no answer"}
		default:
			out[i] = share.Delivery{State: share.MailSent}
			p.letters = append(p.letters, l)
		}
	}
	return out
}

// Invite implements account.Post.
func (p *Post) Invite(_ context.Context, i account.Invitation) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Throttle || strings.HasSuffix(i.To, "@reject.test") {
		return fault.New(fault.Unavailable, "the mail was not sent")
	}
	p.invitations = append(p.invitations, i)
	return nil
}

// Invitations returns what was sent.
func (p *Post) Invitations() []account.Invitation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.invitations)
}

// Tell implements handover.Verdicts.
func (p *Post) Tell(_ context.Context, v handover.Verdict) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.verdicts = append(p.verdicts, v)
}

// Verdicts returns what was sent.
func (p *Post) Verdicts() []handover.Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.verdicts)
}

// Letters returns what was sent.
func (p *Post) Letters() []share.Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.letters)
}

// Audit keeps events. It implements share.Auditor.
type Audit struct {
	mu     sync.Mutex
	events []share.Event
}

var _ share.Auditor = (*Audit)(nil)

// Record implements share.Auditor.
func (a *Audit) Record(_ context.Context, e share.Event) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.events = append(a.events, e)
}

// Events returns and forgets what was recorded.
func (a *Audit) Events() []share.Event {
	a.mu.Lock()
	defer a.mu.Unlock()
	events := a.events
	a.events = nil
	return events
}

// Presign makes URLs that only look like S3's. It implements share.Presigner
// and file.Presigner.
type Presign struct{ Now func() time.Time }

var (
	_ share.Presigner = Presign{}
	_ file.Presigner  = Presign{}
)

// Download implements share.Presigner.
func (Presign) Download(_ context.Context, t share.Target, life time.Duration) (string, error) {
	q := url.Values{"name": {t.Name}, "type": {t.ContentType}, "X-Amz-Expires": {fmt.Sprint(life.Seconds())}}
	return "https://bucket.test/" + t.Object + "?" + q.Encode(), nil
}

// Form implements file.Presigner.
func (p Presign) Form(_ context.Context, key string, f file.File) (string, map[string]string, time.Time, error) {
	return "https://bucket.test/", map[string]string{"key": key, "Content-Type": f.ContentType}, p.Now().Add(file.URLLife), nil
}

// Put implements file.Presigner.
func (p Presign) Put(_ context.Context, key string, life time.Duration) (string, time.Time, error) {
	return "https://bucket.test/" + key + "?X-Amz-Signature=put", p.Now().Add(life), nil
}

// Play implements file.Presigner.
func (Presign) Play(_ context.Context, f file.File, download bool) (string, error) {
	return fmt.Sprintf("https://bucket.test/%s?type=%s&download=%t", f.Object(), f.ContentType, download), nil
}

// Part implements file.Presigner.
func (p Presign) Part(_ context.Context, key, uploadID string, number int) (string, time.Time, error) {
	return fmt.Sprintf("https://bucket.test/%s?uploadId=%s&partNumber=%d", key, uploadID, number), p.Now().Add(file.URLLife), nil
}

// Seal is no sealing at all, but bound to the id. It implements share.Sealer.
type Seal struct{}

var _ share.Sealer = Seal{}

// Seal implements share.Sealer.
func (Seal) Seal(_ context.Context, token, id string) (string, error) { return id + ":" + token, nil }

// Open implements share.Sealer.
func (Seal) Open(_ context.Context, sealed, id string) (string, bool, error) {
	token, ok := strings.CutPrefix(sealed, id+":")
	if !ok {
		return "", false, fmt.Errorf("sealed for another id")
	}
	return token, false, nil
}
