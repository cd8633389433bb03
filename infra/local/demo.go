package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/file"
	"latchkey/shared/share"
)

// demo returns the demo organization's key, making both at first. A key is
// stored only as its hash, so the key itself is kept beside the data: on a
// developer's own machine, for data that is worth nothing.
func (d *domain) demo(ctx context.Context) (string, error) {
	path := filepath.Join(d.Data, "admin.key")
	if key, err := os.ReadFile(path); err == nil {
		return strings.TrimSpace(string(key)), nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("demo: %w", err)
	}
	made, err := d.accounts.Found(ctx, "Demo", "demo@latchkey.example", "Dana Demo")
	for n := 2; fault.Is(err, fault.Conflict); n++ {
		// A run that was killed between founding and keeping the key.
		made, err = d.accounts.Found(ctx, fmt.Sprintf("Demo %d", n), fmt.Sprintf("demo%d@latchkey.example", n), "Dana Demo")
	}
	if err != nil {
		return "", fmt.Errorf("demo: %w", err)
	}
	return made.Key, os.WriteFile(path, []byte(made.Key+"\n"), 0o600)
}

// examples are lines that work when pasted, one after the other: the file
// that the second shares is there, and the third mails the link it makes.
func (d *domain) examples(ctx context.Context, key string) ([]string, error) {
	who, err := d.accounts.Authenticate(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("the key in admin.key: %w", err)
	}
	media, err := d.demoFile(ctx, who)
	if err != nil {
		return nil, err
	}
	links, _, err := d.shares.List(ctx, who, share.Filter{Kind: share.Download}, file.Page{Limit: 1})
	if err != nil {
		return nil, err
	}
	number := int64(1)
	if len(links) > 0 {
		number = links[0].Number + 1
	}
	week := time.Now().UTC().AddDate(0, 0, 7).Format(time.DateOnly)
	curl := "  curl -sS -H 'X-API-KEY: " + key + "' "
	return []string{
		curl + "-F file=@README.md " + d.BaseURL + "/api/v1/files",
		curl + fmt.Sprintf(`-d '{"expiry_date":"%s","limit":5,"payload":{"media_id":%d,"filename":"hello"}}' `, week, media) +
			d.BaseURL + "/api/v2/shareable_links",
		curl + fmt.Sprintf(`-d '{"recipients":["you@example.com"],"message":"Have a look.","shareable_link_ids":[%d]}' `, number) +
			d.BaseURL + "/api/v2/shareable_links/share",
	}, nil
}

// demoFile returns the number of a file that can be shared.
func (d *domain) demoFile(ctx context.Context, who account.Principal) (int64, error) {
	files, _, err := d.files.List(ctx, who, file.Page{Limit: 100})
	if err != nil {
		return 0, err
	}
	for _, f := range files {
		if f.State == file.Ready {
			return f.MediaID, nil
		}
	}
	f, err := d.files.CreateWithBody(ctx, who, file.New{Name: "hello.txt", ContentType: "text/plain; charset=utf-8"}, []byte("Hello from Latchkey.\n"))
	return f.MediaID, err
}
