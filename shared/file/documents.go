package file

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"mime"
	"path"
	"slices"
	"strings"

	"latchkey/shared/account"
	"latchkey/shared/fault"
	"latchkey/shared/ident"
)

// MaxAssets is how many assets one query can ask about.
const MaxAssets = 20

// None stands for documents that have none of what is asked for.
const None = "none"

// DocumentQuery asks for a page of the documents of assets. A filter that is
// empty lets everything pass, and one with several values what has one of them.
type DocumentQuery struct {
	Assets      []string // UUIDs, 1 to MaxAssets
	Page, Limit int      // from 1 on
	Search      string   // part of the title or the name, in any case
	Categories  []string // ids, or None
	Types       []string // media types such as application/pdf, endings of names such as pdf, or None for application/octet-stream
	Languages   []string // codes, or None; en is also en-GB
	Suppliers   []string // their names in any case, or None
	Supplier    *bool    // whether they are a supplier's documents
	Sort        []Order  // what comes first counts first; after all of it the newest change comes first
}

// Order sorts documents.
type Order struct {
	By         Sorting
	Descending bool
}

// Sorting is what documents are sorted by.
type Sorting string

// The sortings.
const (
	ByTitle    Sorting = "title"
	ByCategory Sorting = "category"
	ByUpdated  Sorting = "updated"
)

// Documents returns a page of the documents of assets that are ready, each
// once, and how many there are on all pages. An asset of which nothing is
// known has none.
func (s *Service) Documents(ctx context.Context, who account.Principal, q DocumentQuery) ([]File, int, error) {
	if err := who.Require(account.ReadDocuments); err != nil {
		return nil, 0, err
	}
	if err := q.check(); err != nil {
		return nil, 0, err
	}
	all, err := s.linked(ctx, who, AssetDocument, q.Assets...)
	if err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(f File) bool { return !q.matches(f) })
	slices.SortFunc(all, q.compare)
	// Only the number of full pages before is multiplied: no page is too far.
	if q.Page-1 > len(all)/q.Limit {
		return nil, len(all), nil
	}
	from := min((q.Page-1)*q.Limit, len(all))
	return all[from:min(from+q.Limit, len(all))], len(all), nil
}

// OfMaintenance returns the files of a maintenance that are ready, the newest
// change first.
func (s *Service) OfMaintenance(ctx context.Context, who account.Principal, id string) ([]File, error) {
	if err := who.Require(account.ReadDocuments); err != nil {
		return nil, err
	}
	if !ident.IsUUID(id) {
		return nil, fault.Field(fault.Invalid, "entity_id", "must be the UUID of a maintenance")
	}
	all, err := s.linked(ctx, who, MaintenanceFile, id)
	slices.SortFunc(all, DocumentQuery{}.compare)
	return all, err
}

// CreateDocument is CreateWithBody for an AssetDocument, unless one of its
// assets has a document with this content, whatever its name: then it returns
// the newest of those, and true. Two that are made at the same moment may both
// be kept.
func (s *Service) CreateDocument(ctx context.Context, who account.Principal, n New, body []byte) (f File, twin bool, err error) {
	if err := who.Require(account.WriteFiles); err != nil {
		return File{}, false, err
	}
	if n.Kind = AssetDocument; len(n.Assets) > 0 {
		if err := n.checkAssets(); err != nil {
			return File{}, false, err
		}
		all, err := s.linked(ctx, who, AssetDocument, n.Assets...)
		if err != nil {
			return File{}, false, err
		}
		slices.SortFunc(all, DocumentQuery{}.compare)
		sum := sha256.Sum256(body)
		digest := base64.StdEncoding.EncodeToString(sum[:])
		if i := slices.IndexFunc(all, func(f File) bool { return f.SHA256 == digest }); i >= 0 {
			return all[i], true, nil
		}
	}
	f, err = s.CreateWithBody(ctx, who, n, body)
	return f, false, err
}

// KnowsAsset reports whether the organization has a document of an asset:
// nothing else is known of assets.
func (s *Service) KnowsAsset(ctx context.Context, who account.Principal, id string) (bool, error) {
	if err := who.Require(account.ReadFiles); err != nil {
		return false, err
	}
	n, err := s.Store.CountLinked(ctx, who.Organization, AssetDocument, strings.ToLower(id))
	return n > 0, err
}

func (s *Service) linked(ctx context.Context, who account.Principal, kind Kind, entities ...string) ([]File, error) {
	ids := make([]string, len(entities))
	for i, id := range entities {
		ids[i] = strings.ToLower(id)
	}
	all, err := s.Store.Linked(ctx, who.Organization, kind, ids...)
	return slices.DeleteFunc(all, func(f File) bool { return f.State != Ready }), err
}

func (q DocumentQuery) check() error {
	if len(q.Assets) == 0 || len(q.Assets) > MaxAssets {
		return fault.Field(fault.Invalid, "assets", "must be from 1 to %d", MaxAssets)
	}
	for _, id := range q.Assets {
		if !ident.IsUUID(id) {
			return fault.Field(fault.Invalid, "assets", "must be UUIDs")
		}
	}
	if q.Page < 1 || q.Limit < 1 {
		return fault.Field(fault.Invalid, "page", "must be 1 or more")
	}
	return nil
}

func (q DocumentQuery) matches(f File) bool {
	search := strings.ToLower(q.Search)
	return (strings.Contains(strings.ToLower(f.Title()), search) || strings.Contains(strings.ToLower(f.Name), search)) &&
		(q.Supplier == nil || *q.Supplier == f.SupplierDocument) &&
		passes(q.Categories, f.Category == "", func(want string) bool { return strings.EqualFold(want, f.Category) }) &&
		passes(q.Suppliers, f.SupplierName == "", func(want string) bool { return strings.EqualFold(want, f.SupplierName) }) &&
		passes(q.Types, f.mediaType() == "application/octet-stream", f.isType) &&
		passes(q.Languages, len(f.Languages) == 0, f.speaks)
}

// passes tells whether one of the wanted values is there, or None of them is
// what is wanted.
func passes(wanted []string, none bool, is func(string) bool) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(want string) bool {
		if strings.EqualFold(want, None) {
			return none
		}
		return is(want)
	})
}

func (f File) mediaType() string {
	kind, _, err := mime.ParseMediaType(f.ContentType)
	if err != nil {
		return f.ContentType
	}
	return kind
}

func (f File) isType(want string) bool {
	return strings.EqualFold(want, f.mediaType()) || strings.EqualFold("."+strings.TrimPrefix(want, "."), path.Ext(f.Name))
}

func (f File) speaks(want string) bool {
	return slices.ContainsFunc(f.Languages, func(has string) bool {
		language, _, _ := strings.Cut(has, "-")
		return strings.EqualFold(want, has) || strings.EqualFold(want, language)
	})
}

func (q DocumentQuery) compare(a, b File) int {
	for _, o := range q.Sort {
		n := 0
		switch o.By {
		case ByTitle:
			n = cmp.Compare(strings.ToLower(a.Title()), strings.ToLower(b.Title()))
		case ByCategory:
			n = cmp.Compare(a.Category, b.Category)
		case ByUpdated:
			n = a.UpdatedAt.Compare(b.UpdatedAt)
		}
		if o.Descending {
			n = -n
		}
		if n != 0 {
			return n
		}
	}
	return cmp.Or(b.UpdatedAt.Compare(a.UpdatedAt), cmp.Compare(b.ID, a.ID))
}
