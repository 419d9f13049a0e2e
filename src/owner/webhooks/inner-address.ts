import { BlockList, isIP } from "node:net";

/** Addresses that nobody outside has: of this machine, of networks of one's own, and what stands for no one host. */
// Two lists: in one, an IPv4 address would be looked up among the IPv6 ones as well.
const INNER_V4 = new BlockList();
const INNER_V6 = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  INNER_V4.addSubnet(net, prefix, "ipv4");
// All but 2000::/3, where the internet is; in it, what only carries an IPv4 address or is for books.
for (const [net, prefix] of [
  ["::", 3],
  ["4000::", 2],
  ["8000::", 1],
  ["2001::", 32],
  ["2001:db8::", 32],
  ["2002::", 16],
] as const)
  INNER_V6.addSubnet(net, prefix, "ipv6");

/** Whether an address leads into this machine or its network. What is no address does: nobody knows where it leads. */
export function isInner(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return family === 6 ? INNER_V6.check(address, "ipv6") : INNER_V4.check(address, "ipv4");
}
