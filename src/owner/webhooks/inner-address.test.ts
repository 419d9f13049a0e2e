import { expect, test } from "vitest";
import { isInner } from "./inner-address.ts";

test("addresses of this machine, of networks of one's own, and what only stands for one are inner ones", () => {
  const inner = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "",
    "localhost",
    "1.2.3",
  ];
  expect(inner.filter((address) => !isInner(address))).toEqual([]);
  expect(["8.8.8.8", "172.32.0.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"].filter(isInner)).toEqual([]);
});
