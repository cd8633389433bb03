package file

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// The kinds of files that belong to something which is kept elsewhere, and of
// which nothing is known here but its UUID.
const (
	AssetDocument   Kind = "asset_document"
	MaintenanceFile Kind = "maintenance_file"
)

// Limits of documents.
const (
	MaxLinks     = 100  // assets that one file belongs to, and as many maintenances
	MaxNewLinks  = 20   // of them when it is made
	MaxDocuments = 1000 // files of one asset or maintenance; what is linked at the same moment may exceed it
	MaxLanguages = 50
	MaxTitle     = 255 // characters of a display name or a supplier's
)

// Causes of faults that an API may have words of its own for.
var (
	ErrKind     = errors.New("a file of another kind")
	ErrLanguage = errors.New("no language")
)

// About is what a document says of itself.
type About struct {
	DisplayName      string   // or "" for its name
	Category         string   // UUID of what is kept elsewhere, or ""
	Languages        []string // of ISO 639-1, with a region or without: en, pt-BR
	SupplierDocument bool
	SupplierName     string // or ""
}

// Title is the name that people read.
func (f File) Title() string {
	if f.DisplayName != "" {
		return f.DisplayName
	}
	return f.Name
}

// BelongsTo reports whether the file is linked to an asset (AssetDocument) or
// a maintenance (MaintenanceFile).
func (f File) BelongsTo(kind Kind, entityID string) bool {
	return slices.Contains(f.links(kind), strings.ToLower(entityID))
}

func (f File) links(kind Kind) []string {
	switch kind {
	case AssetDocument:
		return f.Assets
	case MaintenanceFile:
		return f.Maintenance
	}
	return nil
}

// normalise writes what can be written in several ways in one.
func (a *About) normalise() error {
	a.DisplayName, a.SupplierName = strings.TrimSpace(a.DisplayName), strings.TrimSpace(a.SupplierName)
	for field, text := range map[string]string{"display_name": a.DisplayName, "supplier_name": a.SupplierName} {
		if err := checkTitle(field, text); err != nil {
			return err
		}
	}
	if a.Category = strings.ToLower(a.Category); a.Category != "" && !ident.IsUUID(a.Category) {
		return fault.Field(fault.Invalid, "category", "must be a UUID")
	}
	var codes []string
	for _, code := range a.Languages {
		code, err := Language(code)
		if err != nil {
			return err
		}
		codes = append(codes, code)
	}
	slices.Sort(codes)
	if a.Languages = slices.Compact(codes); len(a.Languages) > MaxLanguages {
		return fault.Field(fault.Invalid, "languages", "must be at most %d", MaxLanguages)
	}
	return nil
}

func checkTitle(field, s string) error {
	switch {
	case utf8.RuneCountInString(s) > MaxTitle:
		return fault.Field(fault.Invalid, field, "is longer than %d characters", MaxTitle)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fault.Field(fault.Invalid, field, "has control characters")
	}
	return nil
}

// Language returns a language's code as it is stored: en, pt-BR. Invalid with
// the cause ErrLanguage for what is none of ISO 639-1, or has no region of ISO
// 3166-1 or UN M.49 after its hyphen.
func Language(code string) (string, error) {
	language, region, split := strings.Cut(strings.TrimSpace(code), "-")
	language, region = strings.ToLower(language), strings.ToUpper(region)
	if len(language) != 2 || !strings.Contains(iso639, " "+language+" ") || split && !isRegion(region) {
		return "", &fault.Error{
			Kind: fault.Invalid, Field: "languages", Message: "must be codes of ISO 639-1, such as en or pt-BR", Cause: ErrLanguage,
		}
	}
	if split {
		language += "-" + region
	}
	return language, nil
}

func isRegion(s string) bool {
	within := func(set string) bool { return strings.Trim(s, set) == "" }
	return len(s) == 2 && within("ABCDEFGHIJKLMNOPQRSTUVWXYZ") || len(s) == 3 && within("0123456789")
}

// iso639 are the codes of ISO 639-1.
const iso639 = " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi" +
	" fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky" +
	" la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw" +
	" sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu "

// checkAssets writes the assets of a new document in one way.
func (n *New) checkAssets() error {
	if len(n.Assets) > 0 && n.Kind != AssetDocument {
		return fault.Field(fault.Invalid, "kind", "must be %q of a file that has assets", AssetDocument)
	}
	var ids []string
	for _, id := range n.Assets {
		if !ident.IsUUID(id) {
			return fault.Field(fault.Invalid, "assets", "must be UUIDs")
		}
		ids = append(ids, strings.ToLower(id))
	}
	slices.Sort(ids)
	if n.Assets = slices.Compact(ids); len(n.Assets) > MaxNewLinks {
		return fault.Field(fault.Invalid, "assets", "must be at most %d; more can be linked later", MaxNewLinks)
	}
	return nil
}

// Link makes a file belong to an asset (AssetDocument) or a maintenance
// (MaintenanceFile), for good. A file of no special kind gets this kind; what
// was linked before stays so, and doing it again changes nothing.
//
// NotFound for no file; Invalid with the cause ErrKind for one of another
// kind, such as media; Conflict for one that is not ready, or beyond MaxLinks
// and MaxDocuments.
func (s *Service) Link(ctx context.Context, who account.Principal, fileID string, kind Kind, entityID string) (File, error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return File{}, err
	}
	if kind != AssetDocument && kind != MaintenanceFile || !ident.IsUUID(entityID) {
		return File{}, fault.Field(fault.Invalid, "entity_id", "must be the UUID of an asset or a maintenance")
	}
	entityID = strings.ToLower(entityID)
	for {
		f, err := s.get(ctx, who.Organization, strings.ToLower(fileID))
		if f, err = s.seen(ctx, who, f, err); err == nil {
			f, err = s.settle(ctx, f, maxAtOnce)
		}
		if err != nil || f.BelongsTo(kind, entityID) {
			return f, err
		}
		if err := s.linkable(ctx, f, kind, entityID); err != nil {
			return File{}, err
		}
		l := Link{Kind: kind, Entity: entityID, At: s.Now(), By: who.User}
		// Stale: it got its kind meanwhile, which happens once.
		if f, err = s.Store.LinkFile(ctx, f, l); !fault.Is(err, fault.Stale) {
			return f, err
		}
	}
}

// Link makes a file belong to an entity.
type Link struct {
	Kind   Kind   // AssetDocument or MaintenanceFile: what the entity is
	Entity string // UUID in lower case
	At     time.Time
	By     string // user id
}

func (s *Service) linkable(ctx context.Context, f File, kind Kind, entityID string) error {
	switch {
	case f.Kind != General && f.Kind != AssetDocument && f.Kind != MaintenanceFile:
		return fault.Wrap(fault.Invalid, ErrKind, "the file is of the kind %q and belongs to nothing", f.Kind)
	case f.State != Ready:
		return fault.New(fault.Conflict, "the file is %s", f.State)
	case len(f.links(kind)) >= MaxLinks:
		return ErrLinks()
	}
	return s.room(ctx, f.Organization, kind, entityID)
}

// ErrLinks is the fault of a file that has as many links as it can.
func ErrLinks() error { return fault.New(fault.Conflict, "the file is linked to %d already", MaxLinks) }

// room is a Conflict for an entity that has as many files as it can.
func (s *Service) room(ctx context.Context, organization string, kind Kind, entities ...string) error {
	for _, id := range entities {
		n, err := s.Store.CountLinked(ctx, organization, kind, id)
		if err != nil {
			return err
		}
		if n >= MaxDocuments {
			return fault.New(fault.Conflict, "%s has %d files already", id, MaxDocuments)
		}
	}
	return nil
}
