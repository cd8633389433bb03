package handover_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/handover"
)

// TestMine: who signs in has what was handed to them, newest first, and
// nothing that was handed to others, was revoked or was never.
//
// contract: SC-18
func TestMine(t *testing.T) {
	w := newWorld(t, nil)
	f, tom := w.document(t, "d.pdf", asset), w.member(t, account.Technician)
	g := w.document(t, "g.pdf", asset)
	first, _ := w.share(t, f, tom.Email)
	w.Clock.Advance(time.Second)
	second, _ := w.share(t, g, tom.Email)
	others, _ := w.share(t, f, "eve@new.test")
	h := w.document(t, "h.pdf", asset)
	revoked, _ := w.share(t, h, tom.Email)
	if err := w.Handovers.Revoke(ctx, w.Admin, revoked.ID); err != nil {
		t.Fatal(err)
	}
	all, err := w.Handovers.Received(ctx, tom)
	if err != nil || len(all) != 2 || all[0].ID != second.ID || all[1].ID != first.ID {
		t.Errorf("%+v, %v", all, err)
	}
	elsewhere := tom
	elsewhere.Organization = w.rival.Organization
	if all, err := w.Handovers.Received(ctx, elsewhere); err != nil || len(all) > 0 {
		t.Errorf("in another organization: %+v, %v", all, err)
	}
	for name, tt := range map[string]struct {
		who     account.Principal
		id      string
		refused bool
		revoked bool
	}{
		"mine":                 {tom, first.ID, false, false},
		"in capitals":          {tom, strings.ToUpper(first.ID), false, false},
		"another's":            {tom, others.ID, true, false},
		"mine, as the sender":  {w.Admin, first.ID, true, false},
		"another organization": {elsewhere, first.ID, true, false},
		"revoked":              {tom, revoked.ID, true, true},
		"no id":                {tom, "x", true, false},
	} {
		got, err := w.Handovers.Mine(ctx, tt.who, tt.id)
		url, down := w.Handovers.DownloadMine(ctx, tt.who, tt.id, visit)
		if tt.refused != fault.Is(err, fault.NotFound) || tt.refused != fault.Is(down, fault.NotFound) || tt.refused != (url == "") {
			t.Errorf("%s: %v, %v, %s", name, err, down, url)
		}
		if errors.Is(err, handover.ErrRevoked) != tt.revoked || !tt.refused && got.ID != first.ID {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
