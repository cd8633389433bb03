package fetch

import "net/netip"

// special are the ranges that are not on the public internet, or lead from
// there into somebody's network: the special-purpose registries of IANA
// (RFC 6890 and its updates), multicast, and every form of IPv6 that carries
// an IPv4 address, which a translator might take out again.
var special = prefixes(
	"0.0.0.0/8",       // this network; Linux takes it for itself
	"10.0.0.0/8",      // private
	"100.64.0.0/10",   // carriers' NAT; Alibaba's metadata
	"127.0.0.0/8",     // loopback
	"169.254.0.0/16",  // link-local; the metadata of EC2, ECS and Lambda
	"172.16.0.0/12",   // private
	"192.0.0.0/24",    // protocol assignments; Oracle's metadata
	"192.0.2.0/24",    // documentation
	"192.31.196.0/24", // AS112
	"192.52.193.0/24", // AMT
	"192.88.99.0/24",  // 6to4 relays
	"192.168.0.0/16",  // private
	"192.175.48.0/24", // AS112
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"224.0.0.0/4",     // multicast
	"240.0.0.0/4",     // reserved, broadcast

	// Of IPv6, only 2000::/3 is given out, and not all of that. Outside it lie
	// ::1, ::a.b.c.d, ::ffff:0:0/96, 64:ff9b::/96, fc00::/7 with fd00:ec2::254,
	// fe80::/10 and ff00::/8.
	"2001::/23",     // protocol assignments: Teredo, ORCHID, benchmarks
	"2001:db8::/32", // documentation
	"2002::/16",     // 6to4: an IPv4 address inside
	"2620:4f:8000::/48",
	"3fff::/20", // documentation
)

var givenOut = netip.MustParsePrefix("2000::/3")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// public reports whether an address belongs to the public internet.
func public(a netip.Addr) bool {
	if a.Is6() && !givenOut.Contains(a) || a.Zone() != "" || !a.IsValid() {
		return false
	}
	for _, p := range special {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
