package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/file"
	"latchkey/shared/ident"
	"latchkey/shared/share"
	"latchkey/shared/store"
	"latchkey/shared/table"
)

// trial is an organization that is made for one check, with a file and a link
// to it that allows one download.
type trial struct {
	who   account.Principal
	key   string // API key
	file  file.File
	share share.Share
	token string

	ids     ident.Source
	trail   store.Shares
	table   *passing
	objects file.Objects
	content string // of the file
	web     *http.Client
}

// trial returns one that is yet to be made.
func (h hook) trial() *trial {
	p := &passing{Engine: h.table, ttl: h.now().Add(account.TrialFor).Unix(), keys: map[table.Key]bool{}}
	return &trial{
		ids: h.ids, table: p, objects: h.objects, web: h.web, content: "Latchkey checks a new version: " + h.ids.Chars(16) + "\n",
		trail: store.Shares{Table: p, Now: h.now},
	}
}

// make founds the organization, and makes its file and link. When it fails
// there may be something to take away all the same.
func (t *trial) make(ctx context.Context, now func() time.Time) error {
	accounts := &account.Service{Store: store.Accounts{Table: t.table, Now: now}, IDs: t.ids, Now: now}
	files := &file.Service{Store: store.Files{Table: t.table, Now: now}, Objects: t.objects, IDs: t.ids, Now: now}
	links := &share.Service{Store: t.trail, Seal: unsealed{}, IDs: t.ids, Now: now}
	made, err := accounts.FoundTrial(ctx)
	if err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	t.key = made.Key
	t.who = account.Principal{Organization: made.Organization.ID, User: made.User.ID, Role: made.User.Role}
	t.file, err = files.CreateWithBody(ctx, t.who, file.New{Name: "check.txt", ContentType: "text/plain"}, []byte(t.content))
	if err != nil {
		return fmt.Errorf("trial: file: %w", err)
	}
	t.share, t.token, err = links.CreateFor(ctx, t.who, t.file, share.New{FileID: t.file.ID, Limit: 1, ExpiresAt: now().Add(account.TrialFor)})
	if err != nil {
		return fmt.Errorf("trial: link: %w", err)
	}
	return nil
}

// takeAway removes all that the trial made.
func (t *trial) takeAway(ctx context.Context) error {
	var errs []error
	if t.file.ID != "" {
		errs = append(errs, t.objects.Delete(ctx, t.file.Object()))
	}
	return errors.Join(append(errs, t.table.takeAway(ctx, "away-"+t.who.Organization))...)
}

// download follows a presigned URL, which must lead to the trial's file. The
// URL is a secret: no error repeats it.
func (t *trial) download(ctx context.Context, from string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return errors.New("it redirects to what is no URL")
	}
	res, err := t.web.Do(r)
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if err != nil {
		return fmt.Errorf("download: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	switch {
	case err != nil:
		return fmt.Errorf("download: %w", err)
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("download: %s answers %d to the URL that it redirects to", r.URL.Host, res.StatusCode)
	case string(body) != t.content:
		return fmt.Errorf("download: %s has not the file, but %d other bytes", r.URL.Host, len(body))
	case !strings.HasPrefix(res.Header.Get("Content-Disposition"), "attachment"):
		return fmt.Errorf("download: the file is shown (%q) and not downloaded", res.Header.Get("Content-Disposition"))
	}
	return nil
}

// unsealed keeps no token: nobody will ask for the trial's URL again.
type unsealed struct{}

var _ share.Sealer = unsealed{}

func (unsealed) Seal(context.Context, string, string) (string, error) { return "", nil }

func (unsealed) Open(context.Context, string, string) (string, bool, error) {
	return "", false, errors.New("check: no token is kept")
}

// passing is a table in which what is written passes away by itself, and can
// be taken away before.
type passing struct {
	table.Engine
	ttl  int64
	keys map[table.Key]bool // that were written
}

var _ table.Engine = (*passing)(nil)

// Update implements table.Engine.
func (p *passing) Update(ctx context.Context, u table.Update) (table.Item, error) {
	return p.Engine.Update(ctx, p.updated(u))
}

// Commit implements table.Engine.
func (p *passing) Commit(ctx context.Context, writer string, ops ...table.Op) error {
	for i, op := range ops {
		if op.Put != nil {
			op.Put.Item[table.TTL] = p.ttl
			p.keys[op.Put.Item.Key()] = true
		}
		if op.Update != nil {
			u := p.updated(*op.Update)
			ops[i].Update = &u
		}
	}
	return p.Engine.Commit(ctx, writer, ops...)
}

func (p *passing) updated(u table.Update) table.Update {
	set := table.Item{table.TTL: p.ttl}
	maps.Copy(set, u.Set)
	u.Set = set
	p.keys[u.Key] = true
	return u
}

// takeAway deletes what was written.
func (p *passing) takeAway(ctx context.Context, writer string) error {
	var ops []table.Op
	for key := range p.keys {
		ops = append(ops, table.Op{Delete: &table.Delete{Key: key}})
	}
	for some := range slices.Chunk(ops, table.MaxCommitOps) {
		if err := table.Retry(ctx, func() error { return p.Engine.Commit(ctx, writer, some...) }); err != nil {
			return err
		}
	}
	return nil
}
