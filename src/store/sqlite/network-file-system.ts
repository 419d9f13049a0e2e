import { existsSync, readFileSync } from "node:fs";
import { TuttiError } from "../../core/errors.ts";

// The write-ahead log needs memory shared between processes, which these do not have across machines. 9p and virtiofs
// are not among them: sandboxes and virtual machines use them for local disks.
const NETWORK_TYPES =
  /^(nfs\d?|cifs|smb\w*|ncpfs|afs|ceph|lustre|gpfs|beegfs|pvfs2|orangefs|ocfs2|gfs2?|glusterfs|davfs2?|fuse\.(sshfs|s3fs|gcsfuse|goofys|rclone|glusterfs|ceph|cephfs|blobfuse2?|juicefs|davfs2?|mount-s3|mountpoint-s3|curlftpfs|smbnetfs|nfs))$/;

/** @throws TuttiError `STORE_ON_NETWORK`. macOS does not say where a folder comes from, so nothing is checked there. */
export function refuseNetworkFileSystem(folder: string, store: string): void {
  if (!existsSync("/proc/mounts")) return;
  const type = fileSystemOf(readFileSync("/proc/mounts", "utf8"), folder);
  if (type === null || !isNetworkFileSystem(type)) return;
  throw new TuttiError(
    "STORE_ON_NETWORK",
    `Store "${store}" is on a network file system (${type}), where SQLite's log is unsafe. Put it on a local disk, or use PostgreSQL.`,
  );
}

export const isNetworkFileSystem = (type: string): boolean => NETWORK_TYPES.test(type);

/** The type of the file system that a folder, given without symbolic links, lies on: the longest mount point that contains it, the last of equals. */
export function fileSystemOf(mounts: string, folder: string): string | null {
  let found: { readonly point: string; readonly type: string } | null = null;
  for (const line of mounts.split("\n")) {
    const [, point, type] = line.split(" ");
    if (point === undefined || type === undefined || !contains(unescape(point), folder)) continue;
    if (found === null || unescape(point).length >= found.point.length) found = { point: unescape(point), type };
  }
  return found?.type ?? null;
}

const contains = (point: string, folder: string): boolean =>
  point === "/" || folder === point || folder.startsWith(`${point}/`);

// Spaces, tabs, newlines and backslashes stand in /proc/mounts as three octal digits.
const unescape = (point: string): string =>
  point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
