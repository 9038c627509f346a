/**
 * What the qemu of a host can run: `virsh capabilities` for the machine types (virCapabilitiesFormatXML in
 * src/conf/capabilities.c), `virsh domcapabilities` for the CPU models (virDomainCapsCPUFormat in src/conf/domain_capabilities.c).
 *
 *     <capabilities><guest><os_type>hvm</os_type><arch name='x86_64'>
 *       <machine maxCpus='255'>pc-i440fx-7.2</machine>
 *       <machine canonical='pc-i440fx-7.2' maxCpus='255'>pc</machine>
 *
 *     <domainCapabilities><cpu><mode name='custom' supported='yes'>
 *       <model usable='no' vendor='Intel' canonical='Haswell-v1'>Haswell</model>
 *       <blockers model='Haswell'><feature name='avx2'/></blockers>
 *
 * - <blockers> came with libvirt 10.2; `usable='unknown'` is what an old qemu does not tell.
 */
import { FormatError } from './text.ts';
import { parseXml, type XmlElement } from './xml.ts';

/** The names of all machine types, of all architectures. */
export async function parseMachineTypes(text: string): Promise<ReadonlySet<string>> {
  const root = await parseXml(text);
  if (root.name !== 'capabilities') throw new FormatError('XML', 'expected <capabilities>', `<${root.name}>`);
  const arches = below([root], 'guest', 'arch');
  const machines = [...below(arches, 'machine'), ...below(arches, 'domain', 'machine')];
  return new Set(machines.map(({ text: name }) => name));
}

export interface CpuModel {
  /** Null: not told. */
  readonly isUsable: boolean | null;
  /** The features that the host lacks for it; empty where not told. */
  readonly blockers: readonly string[];
}

export async function parseCpuModels(text: string): Promise<ReadonlyMap<string, CpuModel>> {
  const root = await parseXml(text);
  if (root.name !== 'domainCapabilities')
    throw new FormatError('XML', 'expected <domainCapabilities>', `<${root.name}>`);
  const custom = below([root], 'cpu', 'mode').filter((mode) => mode.attribute('name') === 'custom');
  const blockers = below(custom, 'blockers');
  return new Map(
    below(custom, 'model').map((model): [string, CpuModel] => {
      const name = model.text;
      const usable = model.attribute('usable');
      const features = blockers
        .filter((one) => one.attribute('model') === name)
        .flatMap((one) => one.children('feature').map((feature) => feature.attribute('name')));
      return [
        name,
        { isUsable: usable === 'yes' ? true : usable === 'no' ? false : null, blockers: features },
      ];
    }),
  );
}

function below(elements: readonly XmlElement[], ...names: readonly string[]): readonly XmlElement[] {
  return names.reduce((parents, name) => parents.flatMap((one) => one.children(name)), elements);
}
