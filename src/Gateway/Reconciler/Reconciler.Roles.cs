using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Reconciler;

/// <summary>Which role each device that has both is wanted in, so that one that calls by itself gets that and no other (L4, L7).</summary>
internal sealed partial class Reconciler
{
    private Dictionary<string, RadioRole> _roles = new(StringComparer.OrdinalIgnoreCase);

    private void TellRoles()
    {
        var roles = Roles();
        if (roles.Count == _roles.Count && roles.All(r => _roles.TryGetValue(r.Key, out var told) && told == r.Value)) return;
        _roles = roles;
        _bluetoothPort.SetRoles(roles);
    }

    private Dictionary<string, RadioRole> Roles()
    {
        var roles = new Dictionary<string, RadioRole>(StringComparer.OrdinalIgnoreCase);
        // What the user calls a speaker is played to, whatever it says it is.
        foreach (var device in _bluetooth.Devices) if (device.UsualRole != RadioRole.Sink && _registry.SpeakerAt(device.Address) is not null) roles[device.Address] = RadioRole.Sink;
        // An Echo that no group plays to is a source: to it the gateway is a speaker (L6).
        foreach (var echo in _registry.Effective.Echoes) if (echo.Address is { } address) roles[address] = RadioRole.Source;
        // Two groups may want one Echo in both roles: that which does not play yields.
        foreach (var run in _groups.Values.Where(g => _desired.Group(g.Group.Id).Active).OrderByDescending(g => g.Phase == "failed"))
        {
            foreach (var member in run.Group.Members) if (_registry.IsEcho(member) && ReceivesFromUs(run) && _registry.AddressOf(member) is { } address) roles[address] = RadioRole.Sink;
            var source = SourceOf(run) switch
            {
                { Kind: SourceKind.Echo, Argument: { } echo } => _registry.AddressOf(echo),
                { Kind: SourceKind.Phone, Argument: { } phone } => phone,
                _ => null,
            };
            if (source is not null) roles[source] = RadioRole.Source;
        }

        return roles;
    }

    /// <summary>A group that is on wants it as a loudspeaker: made to play to us meanwhile, it would be turned round at once.</summary>
    private bool IsPlayedTo(string echoId) => _registry.AddressOf(echoId) is { } address && Roles().TryGetValue(address, out var role) && role == RadioRole.Sink;

    /// <summary>By its plan its Echos are played to by us (L7); in a Wi-Fi group or behind a transmitter they are not.</summary>
    private static bool ReceivesFromUs(GroupRun run) => run.Plan is { Route: Route.FanOut or Route.Mixed };
}
