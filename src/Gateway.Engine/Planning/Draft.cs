namespace Gateway.Engine;

/// <summary>
/// A plan in the making: one route tried. Routes and concerns add to it; without blockers it becomes a plan. Steps are kept by
/// phase, because their order is physics: cut first, then prepare, then link, then start.
/// </summary>
internal sealed class Draft(PlanContext context, Route route)
{
    private readonly List<PlanStep> _cuts = [], _prepare = [], _links = [], _late = [];
    private readonly List<PlanDrop> _drops = [];
    private readonly List<PlanNotice> _warnings = [], _blockers = [];
    private readonly HashSet<string> _cutDevices = new(StringComparer.Ordinal);
    private readonly HashSet<(string Rule, string Text)> _warned = [], _blocked = [];
    private readonly List<(string Rule, string Ask, List<string> Devices, HashSet<string> Known)> _questions = [];

    public PlanContext Context => context;
    public Route Route => route;
    public Automation Automatic { get; private set; } = Automation.Yes;
    public SyncClass? Class { get; set; }

    /// <summary>The source's written form once the route has accepted one.</summary>
    public string? Source { get; set; }

    /// <summary>Devices that get a stream from our adapters, and the one that sends us one: placed together at the end.</summary>
    public List<string> Sends { get; } = [];

    /// <summary>Members that we play to without a radio: placed nowhere.</summary>
    public List<string> Wired { get; } = [];
    public string? Receives { get; set; }
    public IReadOnlyList<PlanNotice> Blockers => _blockers;
    public IReadOnlyList<PlanDrop> Drops => _drops;

    /// <summary>A blocker that no change of the house removes: no alternative is made of this route.</summary>
    public bool IsHopeless { get; private set; }
    public bool IsFeasible => _blockers.Count == 0;
    public int StepCount => _cuts.Count + _prepare.Count + _links.Count + _late.Count;
    public IEnumerable<PlanStep> Steps => _cuts.Concat(_prepare).Concat(_links).Concat(_late);

    public void Block(string rule, IReadOnlyList<string> devices, string text, string remedy)
    {
        if (_blocked.Add((rule, text))) _blockers.Add(new PlanNotice(rule, devices, text, remedy));
    }

    /// <summary>Blocks, and says that nobody can help it with these members.</summary>
    public void BlockForGood(string rule, IReadOnlyList<string> devices, string text, string remedy)
    {
        IsHopeless = true;
        Block(rule, devices, text, remedy);
    }

    public void Warn(string rule, IReadOnlyList<string> devices, string text, string remedy)
    {
        if (_warned.Add((rule, text))) _warnings.Add(new PlanNotice(rule, devices, text, remedy));
    }

    /// <summary>Asks about a device; the same question about several is one entry. <c>{0}</c> stands for their names.</summary>
    public void Ask(string rule, string? device, string question)
    {
        var entry = _questions.Find(q => q.Rule == rule && q.Ask == question);
        if (entry.Devices is null) _questions.Add(entry = (rule, question, [], new HashSet<string>(StringComparer.Ordinal)));
        if (device is not null && entry.Known.Add(device)) entry.Devices.Add(device);
    }

    /// <summary>The user has to do it: the plan no longer carries itself out.</summary>
    public void AskUser(string device, string? peer, string what, IReadOnlyList<string>? devices = null)
    {
        Automatic = Automation.NeedsUser;
        _prepare.Add(new AskUserStep(device, peer, devices, what));
    }

    /// <summary>Cuts a link: the step and the drop, once. The caller says why in a warning. False: it is cut already.</summary>
    public bool Cut(string device, string peer, string? adapter, string why)
    {
        if (!_cutDevices.Add(device)) return false;
        _cuts.Add(new DisconnectStep(device, peer, adapter, why));
        _drops.Add(new PlanDrop(device, peer));
        return true;
    }

    public bool IsCut(string device) => _cutDevices.Contains(device);

    public void Prepare(PlanStep step) => _prepare.Add(step);

    public void Link(PlanStep step) => _links.Add(step);

    /// <summary>One of a kind for each device.</summary>
    public void Late(PlanStep step)
    {
        if (!_late.Exists(s => s.GetType() == step.GetType() && s.Device == step.Device)) _late.Add(step);
    }

    public Plan ToPlan(IReadOnlyList<PlanAlternative> alternatives) => new()
    {
        Feasible = true,
        Automatic = Automatic,
        Group = context.Request.Group,
        Source = Source,
        Members = context.Members,
        Route = route,
        ExpectedClass = Class,
        Steps = [.. Steps],
        Drops = [.. _drops],
        Warnings = [.. _warnings],
        Unknown = Questions(),
        Alternatives = alternatives,
    };

    /// <summary>Devices in the order of the members, so that two routes which ask the same say the same.</summary>
    public PlanQuestion[] Questions()
    {
        var order = context.Members.Select((id, i) => (id, i)).ToDictionary(m => m.id, m => m.i, StringComparer.Ordinal);
        return [.. _questions.Select(q => Question(q.Rule, q.Ask, [.. q.Devices.OrderBy(d => order.GetValueOrDefault(d, int.MaxValue))]))];
    }

    private PlanQuestion Question(string rule, string ask, string[] devices) => new(rule, devices, ask.Replace("{0}", context.NamesOf(devices), StringComparison.Ordinal));
}
