using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler.Speakers;

/// <summary>Speakers as they are published. Reads only.</summary>
internal sealed class SpeakerDocuments(LoopContext loop, SpeakerRuns speakers, LinkHistory history, MemberOutputs outputs)
{
    private readonly HouseView _view = loop.View;

    public SpeakerDocument Of(ConfiguredSpeaker speaker)
    {
        var run = speakers.Of(speaker.Id);
        var desired = loop.Desired.Speaker(speaker.Id);
        var radios = _view.RadioOf(speaker.Address).ToList();
        var connected = radios.FirstOrDefault(r => r.Link == RadioLink.Connected);
        var model = _view.CatalogueOf(speaker.Id);
        var signal = connected is null && radios.Count > 0 ? radios.Where(r => r.RssiDbm is not null).MaxBy(r => r.RssiAt) : null;
        var playing = SoundOf(speaker.Id);
        var isThere = speaker.Sink is not null && _view.OutputOf(speaker.Id) is not null;
        return new SpeakerDocument
        {
            Id = speaker.Id,
            Name = speaker.Name,
            Model = speaker.Model,
            Address = speaker.Address,
            Sink = speaker.Sink,
            Paired = speaker.Sink is null && _view.Bluetooth.Problem is null ? radios.Any(r => r.Paired) : null,
            PairedOn = radios.Count == 0 ? [] : [.. radios.Where(r => r.Paired).Select(r => r.Adapter.Id).Order(StringComparer.Ordinal)],
            Link = isThere ? SpeakerLink.Connected : LinkOf(run, radios, connected),
            Connected = isThere || connected is not null,
            Adapter = connected is null ? null : connected.Adapter.Id,
            Codec = connected?.Codec,
            ReportedLatencyMs = connected?.ReportedLatencyMs,
            Volume = outputs.VolumeOf(speaker.Id),
            TrimMs = desired.TrimMs,
            DelayMs = playing?.DelayMs,
            Calibration = PlaybackDocuments.CalibrationOf(playing),
            Sync = PlaybackDocuments.SyncOf(playing),
            Battery = connected?.BatteryPercent,
            RssiDbm = signal?.RssiDbm,
            RssiAt = signal?.RssiAt,
            Stability = history.Of(speaker.Id).Score(loop.WallNow, model) is { } score ? new StabilityDocument(score.Value, score.Evidence) : null,
            ReconnectS = run.ReconnectS,
            Dropouts = run.Dropouts,
            KeepAwake = desired.KeepAwake,
            Advice = AdviceOf(speaker, model),
            LastError = speaker.Sink is not null && _view.WhyNoOutput(speaker.Id) is { } why ? new ErrorDocument(why, "sink") : run.LastError,
            Available = speaker.Sink is null ? _view.Bluetooth.Problem is null : isThere,
        };
    }

    private SpeakerPlayback? SoundOf(string speakerId)
    {
        foreach (var group in _view.Playback.Groups.Values)
        {
            if (group.Sounding.TryGetValue(speakerId, out var sound)) return sound;
        }

        return null;
    }

    private static SpeakerLink LinkOf(SpeakerRun run, List<RadioDevice> radios, RadioDevice? connected) =>
        connected is not null ? SpeakerLink.Connected
        : run.Connecting || radios.Any(r => r.Link == RadioLink.Connecting) ? SpeakerLink.Connecting
        : run.HeldElsewhere ? SpeakerLink.HeldElsewhere
        : run.LastError is not null ? SpeakerLink.Failed
        : SpeakerLink.Disconnected;

    private static string? AdviceOf(ConfiguredSpeaker speaker, SpeakerModel? model) => model?.Limitation is null
        ? null
        : $"{speaker.Name}: {model.Limitation.TrimEnd('.')}.{(model.Remedy is null ? "" : $" Remedy: {model.Remedy.TrimEnd('.')}.")}";
}
