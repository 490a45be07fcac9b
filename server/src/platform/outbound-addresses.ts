import ipaddr from 'ipaddr.js';
import { ConfigError } from './config.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
export interface Network {
  readonly address: Address;
  readonly bits: number;
  /** The only port that it holds for; undefined: every port. */
  readonly port: number | undefined;
}

/** `10.0.0.0/8`, `fd00::/8`, a single address, or one service of it (`127.0.0.1:4610`, `[::1]:4610`), as the operator writes them. */
export function networksOf(texts: readonly string[]): Network[] {
  return texts.map((text) => {
    const [, bracketed, plain, portText] = /^(?:\[(.+)\]|([\d.]+)):(\d{1,5})$/.exec(text) ?? [];
    const where = bracketed ?? plain ?? text;
    const port = portText === undefined ? undefined : Number(portText);
    try {
      if (where.includes('/')) {
        const [address, bits] = ipaddr.parseCIDR(where);
        return { address, bits, port };
      }
      const address = ipaddr.parse(where);
      return { address, bits: address.kind() === 'ipv4' ? 32 : 128, port };
    } catch {
      throw new ConfigError(
        `SOUK_OUTBOUND_ALLOW must list networks such as 10.1.0.0/16, or an address with a port, not "${text}".`,
      );
    }
  });
}

// Metadata services of clouds; Azure's answers in a range that is otherwise public.
const metadata = new Set(['168.63.129.16', '169.254.169.254']);

/**
 * Why an address is not to be called, in words; undefined when it may be. Only addresses that are routed on the public internet
 * may, and those that the operator allows. An IPv6 address that carries an IPv4 one is judged by what it carries, since that
 * is where the packets end. Without a port, what is allowed for one port only does not count.
 */
export function refusalOf(text: string, allowed: readonly Network[], port?: number): string | undefined {
  if (!ipaddr.isValid(text)) return 'not an address';
  // A scope (`fe80::1%eth0`) names a local interface, so such an address is never public.
  if (text.includes('%')) return 'link-local';
  const address = ipaddr.process(text);
  if (isIn(address, allowed, port)) return undefined;
  if (address.kind() === 'ipv4') return refusalOfIpv4(address);
  const v6 = address as ipaddr.IPv6;
  const carried = carriedIpv4(v6);
  if (carried) {
    if (isIn(carried, allowed, port)) return undefined;
    const reason = refusalOfIpv4(carried);
    return reason && `${reason} (${carried.toString()} carried in IPv6)`;
  }
  const range = v6.range();
  // Global unicast is 2000::/3; what ipaddr.js calls unicast outside of it was never handed out.
  if (range === 'unicast' && v6.match(globalUnicast)) return undefined;
  return words[range] ?? range;
}

/** Whether the operator allows its network by name, be it public or not. */
export function isAllowed(text: string, allowed: readonly Network[], port?: number): boolean {
  return ipaddr.isValid(text) && !text.includes('%') && isIn(ipaddr.process(text), allowed, port);
}

const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

const wellKnownNat64: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('64:ff9b::'), 96];

function refusalOfIpv4(address: Address): string | undefined {
  if (metadata.has(address.toString())) return 'a metadata service';
  const range = address.range();
  return range === 'unicast' ? undefined : (words[range] ?? range);
}

const words: Readonly<Record<string, string>> = {
  private: 'private',
  uniqueLocal: 'private',
  deprecatedSiteLocal: 'private',
  linkLocal: 'link-local',
  loopback: 'loopback',
  unspecified: 'unspecified',
  carrierGradeNat: 'shared by a carrier',
  unicast: 'not assigned',
  rfc6052: 'translated by a local NAT64',
};

/** IPv4 inside IPv6: IPv4-compatible, translated (RFC 6145), NAT64 (RFC 6052, 8215), 6to4, ISATAP. Mapped ones were unwrapped. */
function carriedIpv4(v6: ipaddr.IPv6): ipaddr.IPv4 | undefined {
  const bytes = v6.toByteArray();
  const at = (i: number) => new ipaddr.IPv4(bytes.slice(i, i + 4));
  const range = v6.range();
  // Only the well-known NAT64 prefix is always 96 bits long; of a local one (64:ff9b:1::/48) nobody outside knows the layout.
  if (v6.match(wellKnownNat64) || range === 'rfc6145') return at(12);
  if (range === '6to4') return at(2);
  const zeros = (from: number, to: number) => bytes.slice(from, to).every((b) => b === 0);
  if (zeros(0, 12) && !zeros(12, 15)) return at(12);
  const isatap =
    (bytes[8] === 0 || bytes[8] === 2) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
  return isatap ? at(12) : undefined;
}

const isIn = (address: Address, networks: readonly Network[], port: number | undefined) =>
  networks.some(
    (n) =>
      address.kind() === n.address.kind() &&
      address.match(n.address as never, n.bits) &&
      (n.port === undefined || n.port === port),
  );

/** The port that a URL means, said or not. */
export const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
