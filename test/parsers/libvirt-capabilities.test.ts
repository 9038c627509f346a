/** What virsh tells of a host's qemu, of the real virsh where it stands. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { parseCpuModels, parseMachineTypes } from '../../lib/parsers/libvirt-capabilities.ts';
import { FormatError } from '../../lib/parsers/text.ts';

/** Hand-made after virCapabilitiesFormatXML (src/conf/capabilities.c of libvirt 9.0). */
const CAPABILITIES = `<capabilities>
  <host><cpu><arch>x86_64</arch></cpu></host>
  <guest>
    <os_type>hvm</os_type>
    <arch name='x86_64'>
      <wordsize>64</wordsize>
      <machine maxCpus='255'>pc-i440fx-7.2</machine>
      <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
      <domain type='qemu'/>
      <domain type='kvm'><machine maxCpus='1'>microvm</machine></domain>
    </arch>
  </guest>
</capabilities>`;
/** Hand-made after virDomainCapsCPUFormat (libvirt 10.2): <blockers> is new. */
const DOMCAPABILITIES = `<domainCapabilities><cpu>
  <mode name='host-passthrough' supported='yes'/>
  <mode name='host-model' supported='yes'><model fallback='forbid'>Broadwell</model><vendor>Intel</vendor></mode>
  <mode name='custom' supported='yes'>
    <model usable='yes' vendor='unknown'>qemu64</model>
    <model usable='no' vendor='Intel' canonical='Haswell-v1'>Haswell</model>
    <blockers model='Haswell'><feature name='avx2'/><feature name='hle'/></blockers>
    <model usable='unknown'>Old</model>
  </mode></cpu></domainCapabilities>`;

describe('the capabilities of a host', () => {
  it('have the machine types of all architectures, by both names', async () => {
    expect([...(await parseMachineTypes(CAPABILITIES))]).toEqual(['pc-i440fx-7.2', 'pc', 'microvm']);
  });

  it('have the CPU models, usable, not, or not told', async () => {
    expect(Object.fromEntries(await parseCpuModels(DOMCAPABILITIES))).toEqual({
      qemu64: { isUsable: true, blockers: [] },
      Haswell: { isUsable: false, blockers: ['avx2', 'hle'] },
      Old: { isUsable: null, blockers: [] },
    });
  });

  it.each(['', 'error: failed to connect', '<domain/>', CAPABILITIES.slice(0, 200)])(
    'are refused where they are something else: %j',
    async (text) => {
      await expect(parseMachineTypes(text)).rejects.toThrow(FormatError);
      await expect(parseCpuModels(text)).rejects.toThrow(FormatError);
    },
  );

  it('are not those of the other command', async () => {
    await expect(parseMachineTypes(DOMCAPABILITIES)).rejects.toThrow(
      new FormatError('XML', 'expected <capabilities>', '<domainCapabilities>'),
    );
    await expect(parseCpuModels(CAPABILITIES)).rejects.toThrow(
      new FormatError('XML', 'expected <domainCapabilities>', '<capabilities>'),
    );
  });

  it('never end in anything but a FormatError', async () => {
    const part = fc.constantFrom('<capabilities>', '</capabilities>', '<machine>', 'x', '<domainCapabilities>', '<cpu>', '</cpu>', '&'); // prettier-ignore
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 8 }), async (all) => {
        for (const parse of [parseMachineTypes, parseCpuModels]) {
          try {
            await parse(all.join(''));
          } catch (error) {
            expect(error).toBeInstanceOf(FormatError);
          }
        }
      }),
    );
  });
});
