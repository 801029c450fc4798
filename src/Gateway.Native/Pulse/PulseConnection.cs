using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>
/// A connection to the sound server with a main loop and a thread of its own. States are polled under the loop's lock instead of being
/// waited for, because libpulse's own wait has no time limit and a frozen server would hold us for ever.
/// </summary>
internal sealed unsafe class PulseConnection : IDisposable
{
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(5);

    private readonly nint _loop;
    private readonly TimeSpan _patience;

    /// <param name="server">Null: as PULSE_SERVER and the user's settings say.</param>
    /// <param name="patience">For each answer.</param>
    /// <exception cref="PulseException">The library or the server is missing, or the server does not let us in or does not answer.</exception>
    public PulseConnection(string? server, TimeSpan patience)
    {
        if (!NativeLibrary.TryLoad(LibPulse.Library, out _)) throw new PulseException(PulseFailure.LibraryMissing, $"{LibPulse.Library} is not installed");
        _patience = patience;
        _loop = LibPulse.MainLoopNew();
        if (LibPulse.MainLoopStart(_loop) < 0)
        {
            LibPulse.MainLoopFree(_loop);
            throw new PulseException(PulseFailure.Other, "libpulse could not start its thread");
        }

        try
        {
            Connect(server);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The context; to be used with the lock held.</summary>
    public nint Context { get; private set; }

    /// <summary>Runs something with the loop's lock held.</summary>
    public T Locked<T>(Func<T> work)
    {
        LibPulse.MainLoopLock(_loop);
        try
        {
            return work();
        }
        finally
        {
            LibPulse.MainLoopUnlock(_loop);
        }
    }

    /// <summary>For callers that must not allocate: each <see cref="Enter"/> is followed by a <see cref="Leave"/>.</summary>
    public void Enter() => LibPulse.MainLoopLock(_loop);

    public void Leave() => LibPulse.MainLoopUnlock(_loop);

    /// <summary>Asks again and again, with the lock held, until the answer is yes.</summary>
    /// <param name="isReady">May throw where there is no hope.</param>
    /// <param name="failure">What it means when there is no yes within the patience.</param>
    /// <param name="what">In words.</param>
    public void WaitUntil(Func<bool> isReady, PulseFailure failure, string what)
    {
        if (!TryWaitUntil(isReady)) throw new PulseException(failure, $"{what} within {_patience.TotalSeconds:0} s");
    }

    /// <summary>The context's last error, as an exception. With the lock held.</summary>
    public PulseException LastError()
    {
        var error = LibPulse.ContextError(Context);
        var text = Marshal.PtrToStringUTF8(LibPulse.ErrorText(error)) ?? $"error {error}";
        return new PulseException(error switch
        {
            LibPulse.ErrorAccess or LibPulse.ErrorAuthenticationKey => PulseFailure.AccessDenied,
            LibPulse.ErrorConnectionRefused or LibPulse.ErrorInvalidServer => PulseFailure.NoServer,
            LibPulse.ErrorNoEntity => PulseFailure.NoSuchSource,
            _ => PulseFailure.Other,
        }, text);
    }

    /// <summary>A stream of music to or from a device; 0: there is none. With the lock held.</summary>
    /// <param name="name">As mixers show it.</param>
    public nint NewStream(string device, string name, in LibPulse.SampleSpec spec)
    {
        var properties = LibPulse.PropertiesNew();
        _ = LibPulse.PropertiesSet(properties, "media.role", "music");
        // The volume that a server keeps for all music players is not ours.
        _ = LibPulse.PropertiesSet(properties, "module-stream-restore.id", $"tutti:{device}");
        var stream = LibPulse.StreamNewWithProperties(Context, name, in spec, 0, properties);
        LibPulse.PropertiesFree(properties);
        return stream;
    }

    /// <summary>Two C strings say the same. Allocates nothing.</summary>
    public static bool IsSame(nint one, nint other)
    {
        if (one == 0 || other == 0) return one == other;
        for (byte* a = (byte*)one, b = (byte*)other; ; a++, b++)
        {
            if (*a != *b) return false;
            if (*a == 0) return true;
        }
    }

    /// <summary>The names of the server's sources; as many as came where it stops answering.</summary>
    public IReadOnlyList<string> ListSources()
    {
        var names = new List<string>();
        var handle = GCHandle.Alloc(names);
        var operation = Locked(() => LibPulse.ContextSources(Context, &OnSource, GCHandle.ToIntPtr(handle)));
        if (operation != 0) TryWaitUntil(() => LibPulse.OperationState(operation) != LibPulse.OperationRunning);
        // A cancelled operation calls back no more: only then may the handle go.
        Locked(() => End(operation));
        handle.Free();
        return names;
    }

    public void Dispose()
    {
        if (Context != 0) Locked(Disconnect);
        LibPulse.MainLoopStop(_loop);
        LibPulse.MainLoopFree(_loop);
    }

    /// <summary>False: there was no yes within the patience.</summary>
    private bool TryWaitUntil(Func<bool> isReady)
    {
        var since = Stopwatch.GetTimestamp();
        while (!Locked(isReady))
        {
            if (Stopwatch.GetElapsedTime(since) > _patience) return false;
            Thread.Sleep(s_pollEvery);
        }

        return true;
    }

    private void Connect(string? server)
    {
        Context = Locked(() => LibPulse.ContextNew(LibPulse.MainLoopApi(_loop), "Tutti"));
        if (Locked(() => LibPulse.ContextConnect(Context, server, LibPulse.ContextNoAutospawn, 0)) < 0) throw Locked(LastError);
        WaitUntil(
            () => LibPulse.ContextState(Context) is var state && state < LibPulse.ContextFailed ? state == LibPulse.ContextReady : throw LastError(),
            PulseFailure.NoAnswer, "it did not answer");
    }

    private bool Disconnect()
    {
        LibPulse.ContextDisconnect(Context);
        LibPulse.ContextUnref(Context);
        Context = 0;
        return true;
    }

    /// <summary>Cancels it and lets it go. With the lock held.</summary>
    public static bool End(nint operation)
    {
        if (operation == 0) return false;
        LibPulse.OperationCancel(operation);
        LibPulse.OperationUnref(operation);
        return true;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnSource(nint context, LibPulse.DeviceInfo* info, int end, nint user)
    {
        if (end != 0 || info == null) return;
        PulseCallback.Run<List<string>>(user, names =>
        {
            if (LibPulse.DeviceInfo.Text(info->Name) is { } name) names.Add(name);
        });
    }
}
