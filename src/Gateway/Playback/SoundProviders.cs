using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Playback;

/// <summary>All that provide sound and take it, found by what they provide: playback knows no feature that is one of them. Any thread.</summary>
internal sealed class SoundProviders(IEnumerable<IOutputProvider> outputs, IEnumerable<ISourceProvider> sources, IMicrophone microphone)
{
    private readonly IReadOnlyList<IOutputProvider> _outputs = [.. outputs];
    private readonly IReadOnlyList<ISourceProvider> _sources = [.. sources];

    /// <summary>What can sound or be heard came, went or changed by itself.</summary>
    public event Action? OutputsChanged
    {
        add
        {
            foreach (var output in _outputs) output.Changed += value;
            foreach (var source in _sources) source.Changed += value;
        }
        remove
        {
            foreach (var output in _outputs) output.Changed -= value;
            foreach (var source in _sources) source.Changed -= value;
        }
    }

    public OutputLook Look() => new([.. _outputs.Select(o => o.Current)]) { Sources = [.. _sources.SelectMany(s => s.Offers)] };

    /// <exception cref="PortException">It is not there any more, or a part is missing.</exception>
    public IAudioOutput Open(OutputRef output) => _outputs.FirstOrDefault(o => o.Scheme == output.Scheme) is { } provider
        ? provider.Open(output)
        : throw new PortException(PortError.PartMissing, $"This version has no outputs of the kind {output.Scheme}.");

    /// <summary>The input, or why there is none: a <see cref="PortException"/>, or a fault. Completed on return, but where a disk or a server has to be waited for.</summary>
    public async Task<IAudioInput> OpenAsync(SourceOpening opening, CancellationToken cancellationToken) =>
        _sources.FirstOrDefault(s => s.Takes(opening.Source)) is { } provider
            ? await provider.OpenAsync(opening, cancellationToken)
            : throw new PortException(
                PortError.PartMissing, Abilities.ThisVersion.WhyNot(opening.Source) ?? $"The gateway cannot play {opening.Source} itself.", $"Use {Abilities.ThisVersion.SourceForms}.");

    /// <exception cref="PortException">It cannot be recorded from: why, and the remedy.</exception>
    public IAudioInput OpenMicrophone(string source) => microphone.Open(source);
}
