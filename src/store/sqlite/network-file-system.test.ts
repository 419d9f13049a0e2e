import { expect, test } from "vitest";
import { fileSystemOf, isNetworkFileSystem } from "./network-file-system.ts";

const MOUNTS = `/dev/vda / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/vdb /home/local xfs rw 0 0
//nas/data /mnt/my\\040share cifs rw 0 0
user@host: /mnt/over fuse.sshfs rw 0 0
tmpfs /mnt/over tmpfs rw 0 0
`;

test("a folder lies on the longest mount point that contains it, the last one where they are equal", () => {
  expect(fileSystemOf(MOUNTS, "/srv/data")).toBe("ext4");
  expect(fileSystemOf(MOUNTS, "/home/me/project/.tutti")).toBe("nfs4");
  expect(fileSystemOf(MOUNTS, "/home/local/x")).toBe("xfs");
  expect(fileSystemOf(MOUNTS, "/homestead")).toBe("ext4");
  expect(fileSystemOf(MOUNTS, "/mnt/my share/x")).toBe("cifs");
  expect(fileSystemOf(MOUNTS, "/mnt/over")).toBe("tmpfs");
});

test("file systems of other machines are refused, local and virtual disks are not", () => {
  for (const type of ["nfs", "nfs4", "cifs", "smb3", "fuse.sshfs", "ceph", "lustre"])
    expect([type, isNetworkFileSystem(type)]).toEqual([type, true]);
  for (const type of ["ext4", "btrfs", "tmpfs", "overlay", "9p", "virtiofs", "zfs", "fuse.ntfs-3g"])
    expect([type, isNetworkFileSystem(type)]).toEqual([type, false]);
});
