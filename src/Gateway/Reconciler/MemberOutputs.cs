using Gateway.Playback;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler;

/// <summary>Where a member sounds, and how loud: a speaker, or an Echo that is played to like one.</summary>
internal sealed class MemberOutputs(LoopContext loop, SpeakerRuns speakers, EchoRuns echoes)
{
    private const int Full = 100;

    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;

    /// <summary>Null: it cannot sound now.</summary>
    public PlaybackMember? Of(string member)
    {
        if (_view.OutputOf(member) is not { } output) return null;
        return new PlaybackMember(member, _view.NameOf(member), output, _desired.Speaker(member).TrimMs)
        {
            KeepAwake = _desired.Speaker(member).KeepAwake, VolumePercent = TurnedDownTo(member),
            LinkedAt = _view.Registry.IsEcho(member) ? echoes.Known(member)?.LinkedAt : speakers.Of(member).LinkedAt,
        };
    }

    /// <summary>An output of the sound server, whose volume there is not ours; or a Bluetooth speaker that has none over Bluetooth, where the server has the sound. So we turn its sound down.</summary>
    public bool HasNoVolume(string member) => _view.IsWired(member) || (IsPlayedToByServer(member) && _view.ConnectedRadioOf(member) is { VolumePercent: null });

    private bool IsPlayedToByServer(string member) => _view.Bluetooth.OwnsAudio == false && !_view.Registry.IsEcho(member);

    /// <summary>A volume of its own that comes up late takes over when it has been set: never loud meanwhile.</summary>
    private int TurnedDownTo(string member) => HasNoVolume(member) || (IsPlayedToByServer(member) && !IsApplied(member)) ? _desired.Speaker(member).Volume ?? Full : Full;

    private bool IsApplied(string member) => speakers.Of(member).VolumeApplied && !loop.Operations.IsUnderWay($"speaker/{member}/volume");

    /// <summary>Its volume can be set now: by itself, or because we turn its sound down.</summary>
    public bool CanBeTold(string member) => _view.IsWired(member) || _view.DeviceOfEcho(member) is not null || _view.SinkOf(member) is not null;

    /// <summary>What a member's volume is: the device's own word, but while ours has not reached it, ours.</summary>
    public int? VolumeOf(string member)
    {
        if (_view.Registry.IsEcho(member)) return _view.DeviceOfEcho(member)?.VolumePercent ?? _view.SinkOf(member)?.VolumePercent;
        if (_view.IsWired(member)) return _desired.Speaker(member).Volume ?? Full;
        var live = _view.ConnectedRadioOf(member)?.VolumePercent;
        return IsApplied(member) && live is not null ? live : _desired.Speaker(member).Volume ?? live;
    }

    /// <summary>A speaker's own scale may be coarser than ours. Null: it does not tell, or is gone.</summary>
    public bool? HasVolume(string id, int percent) => HasNoVolume(id) ? VolumeOf(id) == percent : _view.ConnectedRadioOf(id)?.VolumePercent is { } live ? Math.Abs(live - percent) <= 1 : null;

    public bool? HasEchoVolume(string echoId, int percent) => _view.DeviceOfEcho(echoId)?.VolumePercent is { } live ? live == percent : null;

    public void SetEchoVolume(string echoId, int percent)
    {
        var (echo, bluetooth) = (loop.Ports.Echo, loop.Ports.Bluetooth);
        if (_view.DeviceOfEcho(echoId) is { } device) loop.Operations.Start($"echo/{echoId}/volume", null, null, token => echo.SetVolumeAsync(device.Serial, percent, token), null);
        else if (_view.SinkOf(echoId) is { } radio) loop.Operations.Start($"echo/{echoId}/volume", null, null, token => bluetooth.SetVolumeAsync(radio.Adapter, radio.Address, percent, token), null);
    }
}
