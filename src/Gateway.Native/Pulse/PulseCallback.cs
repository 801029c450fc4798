using System.Runtime.InteropServices;

namespace Gateway.Native.Pulse;

/// <summary>What libpulse calls back runs in here: an exception must not cross into C.</summary>
internal static class PulseCallback
{
    /// <summary>Does it to what the callback was given; a fault leaves it undone. A list is shorter by one then, and an owner looks by itself now and then.</summary>
    /// <param name="user">A handle of the <typeparamref name="T"/>.</param>
    public static void Run<T>(nint user, Action<T> work) where T : class
    {
        try
        {
            work((T)GCHandle.FromIntPtr(user).Target!);
        }
        catch (Exception)
        {
        }
    }
}
