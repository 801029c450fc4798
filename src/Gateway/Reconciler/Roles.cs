using Gateway.Engine;
using Gateway.Engine.Ports;
using Gateway.House;
using Gateway.Reconciler.Runs;

namespace Gateway.Reconciler;

/// <summary>Which role each device that has both is wanted in, so that one that calls by itself gets that and no other (L4, L7).</summary>
internal sealed class Roles(LoopContext loop, GroupRuns groups)
{
    private readonly HouseView _view = loop.View;
    private readonly DesiredState _desired = loop.Desired;
    private readonly IBluetooth _bluetooth = loop.Ports.Bluetooth;

    private Dictionary<BluetoothAddress, RadioRole> _told = [];

    public void Tell()
    {
        var roles = Wanted();
        if (roles.Count == _told.Count && roles.All(r => _told.TryGetValue(r.Key, out var told) && told == r.Value)) return;
        _told = roles;
        _bluetooth.SetRoles(roles);
    }

    private Dictionary<BluetoothAddress, RadioRole> Wanted()
    {
        var roles = new Dictionary<BluetoothAddress, RadioRole>();
        // What the user calls a speaker is played to, whatever it says it is.
        foreach (var device in _view.Bluetooth.Devices) if (device.UsualRole != RadioRole.Sink && _view.Registry.SpeakerAt(device.Address) is not null) roles[device.Address] = RadioRole.Sink;
        // An Echo that no group plays to is a source: to it the gateway is a speaker (L6).
        foreach (var echo in _view.Registry.Effective.Echoes) if (echo.Address is { } address) roles[address] = RadioRole.Source;
        // Two groups may want one Echo in both roles: that which does not play yields.
        foreach (var run in groups.All.Where(g => _desired.Group(g.Group.Id).Active).OrderByDescending(g => g.Phase == GroupPhase.Failed))
        {
            foreach (var member in run.Group.Members) if (_view.Registry.IsEcho(member) && ReceivesFromUs(run) && _view.Registry.AddressOf(member) is { } address) roles[address] = RadioRole.Sink;
            if (_view.AddressOf(_desired.SourceOf(run.Group)) is { } source) roles[source] = RadioRole.Source;
        }

        return roles;
    }

    /// <summary>A group that is on wants it as a loudspeaker: made to play to us meanwhile, it would be turned round at once.</summary>
    public bool IsPlayedTo(string echoId) => _view.Registry.AddressOf(echoId) is { } address && Wanted().TryGetValue(address, out var role) && role == RadioRole.Sink;

    /// <summary>By its plan its Echos are played to by us (L7); in a Wi-Fi group or behind a transmitter they are not.</summary>
    private static bool ReceivesFromUs(GroupRun run) => run.Plan is { Route: Route.FanOut or Route.Mixed };
}
