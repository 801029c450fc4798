namespace Gateway.Engine.Tests.Physics;

/// <summary>
/// The physics, and nothing of the planner but its answer: what each step needs, what it does, and what a group needs to sound.
/// What the house leaves unknown is taken to be favourable, except that an unknown link may be there, and that unknown pairing is none.
/// </summary>
internal sealed class World
{
    private const string Ours = "gateway";
    private readonly Spec _spec;
    private readonly Plan _plan;
    private readonly Dictionary<string, (string Peer, LinkRole Role)?> _echo = [];
    private readonly Dictionary<string, string?> _speaker = [];
    private readonly Dictionary<string, HashSet<string>> _paired = [];
    private readonly Dictionary<string, AudioOutput?> _output = [];
    private readonly List<HashSet<string>> _wifi = [];
    private readonly List<HashSet<string>> _pairs = [];
    private readonly HashSet<string> _awake = [];
    private readonly HashSet<string> _asked = [];
    private readonly List<(string Device, string Peer)> _dropped = [];
    private string? _phone;
    private bool _started;

    private World(Spec spec, Plan plan, bool unknownLinksExist)
    {
        (_spec, _plan) = (spec, plan);
        foreach (var e in spec.Echoes)
        {
            _echo[e.Id] = e.LinkKnown ? (e.Peer is null ? null : (e.Peer, e.Role)) : unknownLinksExist ? ("unseen", LinkRole.PlaysTo) : null;
            _output[e.Id] = e.Output;
        }

        foreach (var s in spec.Speakers)
        {
            _speaker[s.Id] = s.ConnectedOn ?? spec.Echoes.FirstOrDefault(e => e.LinkKnown && e.Peer == s.Id)?.Id ?? (s.Held == true ? "stranger" : null);
            _paired[s.Id] = [.. s.PairedOn ?? []];
            if (s.ConnectedOn is { } on) _paired[s.Id].Add(on);
        }

        foreach (var g in spec.WifiGroups ?? []) _wifi.Add([.. g]);
        foreach (var (left, right) in spec.Pairs ?? []) _pairs.Add([left, right]);
    }

    public List<string> Violations { get; } = [];

    /// <summary>Executes a feasible plan and returns all that is wrong with it.</summary>
    public static IReadOnlyList<string> Violated(Spec spec, Plan plan, bool unknownLinksExist)
    {
        var world = new World(spec, plan, unknownLinksExist);
        foreach (var step in plan.Steps) world.Execute(step);
        world.CheckDrops();
        world.CheckWarnings();
        world.CheckAutomation();
        new Goal(spec, plan, world).Check();
        return world.Violations;
    }

    public void Fail(string rule, string text) => Violations.Add($"{rule}: {text}");

    public bool Started => _started;
    public bool PhoneLinked => _phone is not null;

    public (string Peer, LinkRole Role)? EchoLink(string id) => _echo.GetValueOrDefault(id);

    public string? SpeakerLink(string id) => _speaker.GetValueOrDefault(id);

    public bool IsAdapter(string? name) => name is not null && _spec.Adapters.Any(a => a.Name == name);

    public AudioOutput? Output(string echo) => _output[echo];

    public bool IsAwake(string id) => _awake.Contains(id);

    public bool WasAsked(string device) => _asked.Contains(device);

    public bool AnyAsked => _asked.Count > 0;

    public bool HasWifiGroup(IEnumerable<string> members) => _wifi.Exists(g => g.SetEquals(members));

    public bool HasPair(IEnumerable<string> members) => _pairs.Exists(g => g.SetEquals(members));

    private void Execute(PlanStep step)
    {
        if (_started) Fail("order", $"{step.Form.Do} after start");
        switch (step)
        {
            case DisconnectStep cut: Disconnect(cut); break;
            case ConnectStep link: Connect(link); break;
            case PairStep pair: Pair(pair); break;
            case CreateWifiGroupStep group: Create(group); break;
            case SetAudioOutputStep output: SetOutput(output); break;
            case KeepAwakeStep: KeepAwake(step); break;
            case AskUserStep asked: Ask(asked); break;
            case StartStep: _started = true; break;
            default: Fail("step", $"{step.Form.Do} is not of use here"); break;
        }

        CheckCapacity();
    }

    private void Disconnect(DisconnectStep step)
    {
        if (_echo.TryGetValue(step.Device, out var link))
        {
            if (link is not { } now || now.Peer != step.Peer) { Fail("L3", $"{step.Device} has no link to {step.Peer} that could be cut"); return; }
            _echo[step.Device] = null;
            if (_speaker.ContainsKey(now.Peer)) _speaker[now.Peer] = null;
            _dropped.Add((step.Device, now.Peer));
        }
        else if (_speaker.GetValueOrDefault(step.Device) is { } on && on == step.Adapter)
        {
            _speaker[step.Device] = null;
            _dropped.Add((step.Device, on));
        }
        else Fail("L3", $"{step.Device} has no link on {step.Adapter}");
    }

    private void Connect(ConnectStep step)
    {
        if (_echo.ContainsKey(step.Device)) ConnectEcho(step);
        else if (_speaker.ContainsKey(step.Device)) ConnectSpeaker(step);
        else if (_spec.Source == "phone:" + step.Device) { CheckAdapter(step, receives: true); _phone = step.Adapter; }
        else Fail("L3", $"nobody knows {step.Device}");
    }

    private void ConnectEcho(ConnectStep step)
    {
        var echo = _spec.Echo(step.Device)!;
        if (echo.Online == false) Fail("L3", $"{echo.Id} is offline");
        if (_echo[echo.Id] is { } now)
        {
            if (echo.LinkKnown) Fail("L2", $"connecting {echo.Id} drops its link to {now.Peer} without a word");
            else if (!Warns("L2", echo.Id)) Fail("L2", $"{echo.Id} may drop an unknown link, and nobody says so");
        }

        if (step.Peer is { } peer)
        {
            if (!_speaker.TryGetValue(peer, out var holder)) { Fail("L6", $"{echo.Id} cannot play to {peer}"); return; }
            if (holder is not null) Fail("L3", $"{peer} is held by {holder}");
            if (_spec.Speaker(peer)!.Reachable == false) Fail("L3", $"{peer} is away");
            _speaker[peer] = echo.Id;
            _echo[echo.Id] = (peer, LinkRole.PlaysTo);
            return;
        }

        var receives = _spec.Source == "echo:" + echo.Id;
        CheckAdapter(step, receives);
        _echo[echo.Id] = (step.Adapter ?? Ours, receives ? LinkRole.PlaysTo : LinkRole.ReceivesFrom);
    }

    private void ConnectSpeaker(ConnectStep step)
    {
        CheckSpeaker(step);
        if (!_paired[step.Device].Contains(step.Adapter!)) Fail("T4", $"{step.Device} is not paired on {step.Adapter}");
        _speaker[step.Device] = step.Adapter;
    }

    private void Pair(PairStep step)
    {
        CheckSpeaker(step);
        if (!_paired.TryGetValue(step.Device, out var on)) return;
        if (_spec.Speaker(step.Device)!.PairedOn is not null && on.Contains(step.Adapter!)) Fail("no-op", $"{step.Device} is paired on {step.Adapter} already");
        if (_spec.PairedByHand(step.Device) && !WasAsked(step.Device)) Fail("S2/T3", $"nobody can pair {step.Device} but the user, who is not asked");
        on.Add(step.Adapter!);
    }

    private void CheckSpeaker(PlanStep step)
    {
        CheckAdapter(step, receives: false);
        if (_spec.Speaker(step.Device) is not { } speaker) { Fail("L3", $"{step.Device} is no speaker"); return; }
        if (speaker.Reachable == false) Fail("L3", $"{speaker.Id} is away");
        if (_speaker[speaker.Id] is { } holder) Fail("L3", $"{speaker.Id} is held by {holder}");
    }

    private void CheckAdapter(PlanStep step, bool receives)
    {
        var adapter = _spec.Adapters.FirstOrDefault(a => a.Name == step.Form.Adapter);
        if (adapter is null) { Fail("T4", $"no adapter {step.Form.Adapter}"); return; }
        if (adapter.Powered == false) Fail("T4", $"{adapter.Name} is off");
        if (adapter.Powered is null && !_plan.Unknown.Any(u => u.Rule == "T4" && u.Devices.Contains(adapter.Name))) Fail("T4", $"{adapter.Name} may be off, and nobody asks");
        if (adapter.Role == (receives ? AdapterRole.Send : AdapterRole.Receive)) Fail("L4", $"{adapter.Name} may not {(receives ? "receive" : "send")}");
    }

    private void CheckCapacity()
    {
        foreach (var adapter in _spec.Adapters)
        {
            var streams = _speaker.Values.Count(v => v == adapter.Name) + _echo.Values.Count(v => v?.Peer == adapter.Name) + (_phone == adapter.Name ? 1 : 0);
            if (streams > adapter.Max) Fail("T4", $"{adapter.Name} carries {streams} of {adapter.Max} streams");
        }
    }

    private void Create(CreateWifiGroupStep step)
    {
        if (!_spec.Create) Fail("G1", "creating groups is not switched on");
        var group = step.Devices;
        if (HasWifiGroup(group)) Fail("no-op", $"the group of {step.Device} is there already");
        _wifi.Add([.. group]);
    }

    private void SetOutput(SetAudioOutputStep step)
    {
        var echo = _spec.Echo(step.Device);
        var box = _spec.Transmitters.FirstOrDefault(t => t.Id == step.Transmitter);
        if (echo is null || box is null) { Fail("T2", $"{step.Device} or {step.Transmitter} is not there"); return; }
        if (echo.Settable == false) Fail("T2", $"nobody can set the output of {echo.Id} from here");
        var output = Goal.OutputFor(echo, box);
        if (_output[echo.Id] == output) Fail("no-op", $"{echo.Id} plays there already");
        _output[echo.Id] = output;
    }

    private void KeepAwake(PlanStep step)
    {
        if (!IsAdapter(_speaker.GetValueOrDefault(step.Device)) && !_echo.Values.Any(v => v?.Peer == step.Device)) Fail("S1", $"{step.Device} is not ours to keep awake");
        _awake.Add(step.Device);
    }

    private void Ask(AskUserStep step)
    {
        _asked.Add(step.Device);
        if (step.Peer is { } box && _spec.Transmitters.FirstOrDefault(t => t.Id == box) is { } fed && _spec.Echo(step.Device) is { } echo) _output[echo.Id] = Goal.OutputFor(echo, fed);
        if (step.Device != "party") return;
        if (_plan.Route == Route.StereoPair) _pairs.Add([.. _plan.Members]);
        if (_plan.Route is Route.WifiGroup or Route.Mixed) _wifi.Add([.. step.Devices ?? _plan.Members]);
    }

    private void CheckDrops()
    {
        foreach (var (device, peer) in _dropped) if (!_plan.Drops.Any(d => d.Device == device && d.Peer == peer)) Fail("L2", $"{device} lost {peer}, unannounced");
        foreach (var drop in _plan.Drops) if (!_dropped.Contains((drop.Device, drop.Peer))) Fail("L2", $"the drop {drop.Device}>{drop.Peer} did not happen");
        foreach (var e in _spec.Echoes)
        {
            if (e is { LinkKnown: true, Peer: { } peer } && _echo[e.Id]?.Peer != peer && !_dropped.Contains((e.Id, peer))) Fail("L2", $"{e.Id} lost {peer} without a step");
        }
    }

    private void CheckWarnings()
    {
        foreach (var drop in _plan.Drops) if (!Warns("L2", drop.Device) && !Warns("L5", drop.Device)) Fail("L2", $"no warning for the drop of {drop.Device}");
        foreach (var id in _plan.Members)
        {
            var rule = (_spec.Speaker(id)?.Model ?? _spec.Echo(id)?.Model) switch
            {
                "JBL Flip 6" => "S1", "Sonos Roam SL" => "S2", "Bose SoundLink Flex" => "S3", "Marshall Emberton II" => "S4", "Echo Studio" => "S6", _ => null,
            };
            if (rule is not null && !Warns(rule, id)) Fail(rule, $"no warning about {id}");
        }
    }

    private void CheckAutomation()
    {
        if (_plan.Automatic == Automation.No) Fail("automatic", "a plan that nobody can carry out");
        if ((_plan.Automatic == Automation.NeedsUser) != AnyAsked) Fail("automatic", $"{_plan.Automatic}, and {_asked.Count} questions to the user");
    }

    private bool Warns(string rule, string device) => _plan.Warnings.Any(w => w.Rule == rule && w.Devices.Contains(device));
}
